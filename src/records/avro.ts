import avsc, { type Type } from "avsc";
import { CarmError } from "./errors.ts";

/** What avsc reads from: a buffer and a place in it. */
interface Tap {
  readonly buf: Uint8Array;
  pos: number;
  readLong(): number;
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

/** The avsc type of a schema; longs are plain numbers, records have no methods. */
export function avroType(schemaText: string): Type {
  return avsc.Type.forSchema(JSON.parse(schemaText), {
    omitRecordMethods: true,
    typeHook: (schema, options) =>
      typeof schema === "object" && "type" in schema && schema.type === "array"
        ? new CheckedArrayType(schema, options)
        : undefined,
  });
}
