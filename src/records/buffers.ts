import { Buffer } from "node:buffer";
import avsc, { type Type } from "avsc";

/**
 * Copies a value of one Avro type, with a Buffer for all bytes in it: avsc writes no other kind of bytes. What does not
 * have the type's shape is left for avsc to refuse.
 */
export type Buffered = (value: unknown) => unknown;

/** undefined for a type without bytes, whose values need no copy. */
export function buffered(type: Type): Buffered | undefined {
  const { types } = avsc;
  if (type instanceof types.BytesType) {
    return (value) => (value instanceof Uint8Array ? asBuffer(value) : value);
  }
  if (type instanceof types.UnwrappedUnionType) {
    return type.types.map(buffered).find((each) => each !== undefined);
  }
  if (type instanceof types.ArrayType) {
    const copy = buffered(type.itemsType);
    return copy && ((value) => (Array.isArray(value) ? value.map(copy) : value));
  }
  return type instanceof types.RecordType ? bufferedFields(type.fields) : undefined;
}

function bufferedFields(fields: readonly { name: string; type: Type }[]): Buffered | undefined {
  const copies = fields.flatMap(({ name, type }) => {
    const copy = buffered(type);
    return copy === undefined ? [] : [[name, copy] as const];
  });
  if (copies.length === 0) return undefined;
  return (value) => {
    if (typeof value !== "object" || value === null) return value;
    const copied: Record<string, unknown> = { ...value };
    for (const [name, copy] of copies) copied[name] = copy(copied[name]);
    return copied;
  };
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
