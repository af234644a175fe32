import avsc, { type Type } from "avsc";
import { CarmError } from "./errors.ts";

/** What avsc reads from: a buffer and a place in it. */
interface Tap {
  readonly buf: Uint8Array;
  pos: number;
  readLong(): number;
  writeLong(value: number): void;
}

/** The part of avsc's array type that the checked one changes. */
interface ArrayTypeInternals {
  readonly itemsType: { _read(tap: Tap): unknown; _skip(tap: Tap): void };
}

/**
 * An array type that believes no item count the buffer can't hold. avsc's own reads on past the end: ten bad bytes
 * would keep it busy for hours. Every item takes at least one byte, as no schema has items without content.
 */
class CheckedArrayType extends avsc.types.ArrayType {
  _read(this: ArrayTypeInternals, tap: Tap): unknown[] {
    const items: unknown[] = [];
    for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
      for (; count > 0; count--) items.push(this.itemsType._read(tap));
    }
    return items;
  }

  _skip(this: ArrayTypeInternals, tap: Tap): void {
    for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
      for (; count > 0; count--) this.itemsType._skip(tap);
    }
  }
}

/** Number of items in the next block; a negative count is followed by the block's size in bytes. */
function blockCount(tap: Tap): number {
  const count = tap.readLong();
  if (count < 0) tap.readLong();
  const items = Math.abs(count);
  if (items > tap.buf.length - tap.pos && items !== 0) {
    throw new CarmError("ERR_RECORD_MALFORMED", `An array claims ${items} items, more than there are bytes.`);
  }
  return items;
}

/**
 * The largest long, of either sign, that a record may hold. Avro doubles a long before it writes it, and avsc does
 * that with numbers: beyond this one it would silently write another value.
 */
export const MAX_LONG = 2 ** 52;

/** A long type that refuses what avsc can't write exactly. */
class CheckedLongType extends avsc.types.LongType {
  _check(value: unknown, _flags: number, hook?: (value: unknown, type: Type) => void): boolean {
    const fits = Number.isInteger(value) && Math.abs(value as number) <= MAX_LONG;
    if (!fits) hook?.(value, this);
    return fits;
  }

  _read(tap: Tap): number {
    return exact(tap.readLong());
  }

  _write(tap: Tap, value: number): void {
    tap.writeLong(exact(value));
  }
}

function exact(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) <= MAX_LONG) return value;
  throw new CarmError("ERR_RECORD_INVALID", `A long is ${value}; it must be an integer of at most 2^52.`);
}

/** The avsc type of a schema; longs are plain numbers, records have no methods. */
export function avroType(schemaText: string): Type {
  return avsc.Type.forSchema(JSON.parse(schemaText), {
    omitRecordMethods: true,
    typeHook: (schema, options) => {
      const type = typeof schema === "object" && "type" in schema ? schema.type : schema;
      if (type === "array") return new CheckedArrayType(schema, options);
      return type === "long" ? new CheckedLongType() : undefined;
    },
  });
}
