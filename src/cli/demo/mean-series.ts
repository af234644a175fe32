import type { Series } from "../../report/index.ts";

/** Means of samples over steps of equal length. */
export class MeanSeries {
  readonly #startsAt: number;
  readonly #stepMs: number;
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;

  constructor(startsAt: number, endsAt: number, stepMs: number) {
    this.#startsAt = startsAt;
    this.#stepMs = stepMs;
    const steps = Math.ceil((endsAt - startsAt) / stepMs);
    this.#sums = new Float64Array(steps);
    this.#counts = new Uint32Array(steps);
  }

  /** Samples outside the series are left out. */
  add(atMs: number, value: number): void {
    const step = Math.floor((atMs - this.#startsAt) / this.#stepMs);
    if (step < 0 || step >= this.#sums.length) return;
    this.#sums[step] = (this.#sums[step] as number) + value;
    this.#counts[step] = (this.#counts[step] as number) + 1;
  }

  series(): Series {
    const values = Array.from(this.#sums, (sum, step) => {
      const count = this.#counts[step] as number;
      return count === 0 ? null : sum / count;
    });
    return { startsAt: this.#startsAt, stepMs: this.#stepMs, values };
  }
}
