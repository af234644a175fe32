import { assert } from "../records/index.ts";

/**
 * Stored keys: cluster length (2 bytes, big-endian), cluster, kind length (1 byte), kind, id; text in UTF-8.
 * Lengths make the key unambiguous whatever the names contain, and leave the ids of one kind in one cluster side by
 * side, by rising UTF-8 bytes (which is the order of code points).
 */
export function stateKeyPrefix(cluster: string, kind: string): Buffer {
  const clusterBytes = utf8(cluster);
  const kindBytes = utf8(kind);
  assert(clusterBytes.length < reservedLength, `The cluster name has ${clusterBytes.length} bytes.`);
  assert(kindBytes.length <= 0xff, `The state kind ${kind} has a name that is too long.`);
  const prefix = Buffer.allocUnsafe(3 + clusterBytes.length + kindBytes.length);
  prefix.writeUInt16BE(clusterBytes.length, 0);
  clusterBytes.copy(prefix, 2);
  prefix.writeUInt8(kindBytes.length, 2 + clusterBytes.length);
  kindBytes.copy(prefix, 3 + clusterBytes.length);
  return prefix;
}

/** The key of one entry. */
export function stateKey(prefix: Buffer, id: string): Buffer {
  return Buffer.concat([prefix, utf8(id)]);
}

/** The id in a key that starts with a prefix of this length. */
export function idOfKey(key: Uint8Array, prefixLength: number): string {
  return Buffer.from(key.buffer, key.byteOffset + prefixLength, key.byteLength - prefixLength).toString();
}

/** No cluster name is this long, so keys that start with it are free for a store's own use. */
const reservedLength = 0xffff;

/** The one key that belongs to the store and not to the state. */
export const headerKey: Buffer = Buffer.from([0xff, 0xff]);

/** Code point order, the same as the order of the UTF-8 bytes. */
export function compareIds(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** UTF-16 puts surrogates before U+E000 to U+FFFF, code points after. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function utf8(text: string): Buffer {
  assert(
    text.isWellFormed(),
    "Names in state keys must be well-formed Unicode; this one has a lone surrogate.",
  );
  return Buffer.from(text);
}
