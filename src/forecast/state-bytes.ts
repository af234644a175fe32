import { CarmError } from "../records/index.ts";
import { ShortFloats } from "./short-floats.ts";

/** Arrays that a state is made of; their lengths are fixed by the version. */
export type StateArray = Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array | ShortFloats;

/** Stands first in every stored forecaster: "CFST". */
const MAGIC = 0x43465354;
/** Magic, kind, version, checksum: four unsigned 32-bit numbers. */
const HEADER_BYTES = 16;

/** What a stored state is, so that other bytes are never taken for it. */
export interface StateFormat {
  /** Small whole number, one a kind of forecaster. */
  readonly kind: number;
  /** Goes up whenever an array changes its length or its meaning. */
  readonly version: number;
}

/** Bytes of `arrays` in their order behind a header. Little-endian, as on every machine that Node runs on. */
export function encodeState(format: StateFormat, arrays: readonly StateArray[]): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + byteLength(arrays));
  let offset = HEADER_BYTES;
  for (const array of arrays) {
    if (array instanceof ShortFloats) array.write(bytes.subarray(offset));
    else bytes.set(rawBytes(array), offset);
    offset += array.byteLength;
  }
  const header = new DataView(bytes.buffer);
  header.setUint32(0, MAGIC);
  header.setUint32(4, format.kind);
  header.setUint32(8, format.version);
  header.setUint32(12, checksum(bytes.subarray(HEADER_BYTES)));
  return bytes;
}

/**
 * Fills `arrays` with what `encodeState` wrote and returns true. Bytes of another version fill only `history`, the
 * arrays that come first in every version, and the answer is false. Throws ERR_STATE_CORRUPT, and then changes nothing.
 */
export function decodeState(
  format: StateFormat,
  bytes: Uint8Array,
  history: readonly StateArray[],
  arrays: readonly StateArray[],
): boolean {
  if (bytes.byteLength < HEADER_BYTES) throw corrupt(`it has ${bytes.byteLength} bytes, fewer than a header`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (header.getUint32(0) !== MAGIC) throw corrupt("it does not begin as one");
  if (header.getUint32(4) !== format.kind) throw corrupt("it is of another kind of series");
  const body = bytes.subarray(HEADER_BYTES);
  if (header.getUint32(12) !== checksum(body)) throw corrupt("its checksum is wrong");
  const same = header.getUint32(8) === format.version;
  const wanted = same ? arrays : history;
  const length = byteLength(wanted);
  if (same ? body.byteLength !== length : body.byteLength < length) {
    throw corrupt(`it has ${body.byteLength} bytes of numbers`);
  }
  let offset = 0;
  for (const array of wanted) {
    const source = body.subarray(offset, offset + array.byteLength);
    if (array instanceof ShortFloats) array.read(source);
    else rawBytes(array).set(source);
    offset += array.byteLength;
  }
  return same;
}

function rawBytes({ buffer, byteOffset, byteLength }: Exclude<StateArray, ShortFloats>): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function byteLength(arrays: readonly StateArray[]): number {
  return arrays.reduce((sum, array) => sum + array.byteLength, 0);
}

function corrupt(reason: string): CarmError {
  return new CarmError(
    "ERR_STATE_CORRUPT",
    `The bytes are not a forecaster state (${reason}): delete the state, it is rebuilt from the input records.`,
  );
}

/** FNV-1a over 32-bit words, then over the bytes that are left. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = bytes.byteLength >>> 2;
  for (let i = 0; i < words; i++) hash = Math.imul(hash ^ view.getUint32(4 * i, true), 0x01000193);
  for (let i = 4 * words; i < bytes.byteLength; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
