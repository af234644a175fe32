import type { SurvivalCurve } from "./latency-table.ts";

/** Buckets of `RequestRate.latencyCounts`: quarter octaves from 1 ms to about a minute. */
export const BUCKETS = 64;
const BUCKETS_PER_OCTAVE = 4;

/**
 * Collects the expected latencies of one window and turns them into whole requests. The counts come from one offset a
 * window: an expectation of 0.01 is 1 request in a hundredth of the windows, and histogram and `overTarget` agree.
 */
export class LatencyHistogram {
  readonly #targetMs: number;
  /** Entry i: expected requests at or above the lower bound of bucket i. */
  readonly #atLeast = new Float64Array(BUCKETS);
  #overTarget = 0;
  #served = 0;

  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  /** Adds `served` requests: a curve over latencies in units of `unitMs`, each `extraMs` later. */
  add(served: number, curve: SurvivalCurve, unitMs: number, extraMs: number): void {
    if (served === 0) return;
    this.#served += served;
    this.#overTarget += served * survivalAt(curve, this.#targetMs, unitMs, extraMs);
    const unitLog2 = Math.log2(unitMs);
    for (let bucket = 1; bucket < BUCKETS; bucket += 1) {
      const share =
        extraMs === 0
          ? curve.at(bucket / BUCKETS_PER_OCTAVE - unitLog2)
          : survivalAt(curve, 2 ** (bucket / BUCKETS_PER_OCTAVE), unitMs, extraMs);
      if (share === 0) break;
      this.#atLeast[bucket]! += served * share;
    }
  }

  /** Whole counts that add up to `completions`, and starts anew. `offset` is in [0, 1). */
  take(completions: number, offset: number): { latencyCounts: number[]; overTarget: number } {
    const scale = this.#served > 0 ? completions / this.#served : 0;
    const whole = (expected: number) => Math.min(completions, Math.floor(expected * scale + offset));
    const latencyCounts: number[] = [];
    let above = completions;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const next = bucket + 1 < BUCKETS ? whole(this.#atLeast[bucket + 1]!) : 0;
      latencyCounts.push(above - next);
      above = next;
    }
    const overTarget = whole(this.#overTarget);
    this.#atLeast.fill(0);
    this.#overTarget = 0;
    this.#served = 0;
    return { latencyCounts, overTarget };
  }
}

function survivalAt(curve: SurvivalCurve, latencyMs: number, unitMs: number, extraMs: number): number {
  return latencyMs <= extraMs ? 1 : curve.at(Math.log2((latencyMs - extraMs) / unitMs));
}
