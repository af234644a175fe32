/** Bits of a 32-bit float that are dropped: eight of the fraction. */
const DROPPED = 8;
const HALF = 1 << (DROPPED - 1);
const KEPT = -1 << DROPPED;
const BYTES = 3;

/**
 * Numbers of 24 bits: 32-bit floats whose last eight bits are always 0, so that each takes three bytes when stored.
 * Whoever writes to `values` rounds them afterwards.
 */
export class ShortFloats {
  readonly values: Float32Array;
  readonly #bits: Int32Array;

  constructor(length: number) {
    this.values = new Float32Array(length);
    this.#bits = new Int32Array(this.values.buffer);
  }

  get byteLength(): number {
    return BYTES * this.values.length;
  }

  /** Rounds `length` values from `from` on to the nearest number of 24 bits. */
  round(from: number, length: number): void {
    const bits = this.#bits;
    for (let i = from; i < from + length; i++) bits[i] = (bits[i]! + HALF) & KEPT;
  }

  write(target: Uint8Array): void {
    const bits = this.#bits;
    for (let i = 0, at = 0; i < bits.length; i++) {
      const value = bits[i]!;
      target[at++] = value >>> 8;
      target[at++] = value >>> 16;
      target[at++] = value >>> 24;
    }
  }

  read(source: Uint8Array): void {
    const bits = this.#bits;
    for (let i = 0, at = 0; i < bits.length; i++) {
      bits[i] = (source[at++]! << 8) | (source[at++]! << 16) | (source[at++]! << 24);
    }
  }
}
