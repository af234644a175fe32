import { performance } from "node:perf_hooks";

/** How an agent tells time. */
export interface Clock {
  /** Epoch milliseconds, UTC: for the times in records. May jump. */
  wallMs(): number;
  /** Milliseconds from some start, never going back: for leases and waits. */
  monotonicMs(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that stands still until it is moved: for simulations, where it follows the ticks. */
export interface ManualClock extends Clock {
  /** Moves both clocks to this time, epoch milliseconds. An earlier time is ignored. */
  advanceTo(nowMs: number): void;
}

export function createManualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  return {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    advanceTo: (toMs) => {
      nowMs = Math.max(nowMs, toMs);
    },
  };
}
