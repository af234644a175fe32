import type { Profile } from "../profiles/index.ts";
import type { ClockLimits } from "./planner.ts";
import { neededClockMhz, servingClocksMhz } from "./serving-clocks.ts";

/** A clock is too low if it does not hold for the measured rate times this: arrivals come in bursts. */
const BURST_HEADROOM = 1.15;
/** A clock is raised for the measured rate times this, so that the next window seldom raises it again. */
const RAISE_HEADROOM = 1.35;
/** Share of a window's completions over the target from which on they are a breach and not chance. */
const BREACH_SHARE = 0.002;
/** A raised clock is kept until it was not needed for so long. */
const COOL_DOWN_MS = 3 * 60_000;
/**
 * Least time between two lowerings, so at most 6 an hour. A raise follows a lowering or the top clock is reached, so the
 * guard changes a clock seldom more than 12 times an hour.
 */
const LOWERING_PERIOD_MS = 10 * 60_000;

/** What the guard remembers of a service between two windows. Plain data. */
export interface LatencyGuardState {
  /** The clock that the guard asks for, MHz; 0 while it leaves the plan alone. */
  readonly floorSmClockMhz: number;
  /** When that clock was last needed, epoch milliseconds. */
  readonly neededAt: number;
  /** When it was last lowered. */
  readonly loweredAt: number;
}

/** The guard of a service that has seen nothing yet. */
export const restingLatencyGuard: LatencyGuardState = {
  floorSmClockMhz: 0,
  neededAt: Number.MIN_SAFE_INTEGER,
  loweredAt: Number.MIN_SAFE_INTEGER,
};

export interface LatencyGuardInput {
  readonly nowMs: number;
  readonly profile: Profile;
  readonly latencyTargetMs: number;
  readonly gpus: number;
  readonly limits: ClockLimits;
  /** What the plan has for this slot, MHz. */
  readonly plannedSmClockMhz: number;
  /** Upper quantile of the arrivals of the next minutes, requests per second of the whole service; 0 if unknown. */
  readonly forecastRequestsPerSecond: number;
  /** The last window measured. */
  readonly window: {
    readonly durationMs: number;
    readonly arrivals: number;
    readonly completions: number;
    /** Requests that wait at its end. */
    readonly queueDepth: number;
    /** Completions slower than the target. */
    readonly overTarget: number;
  };
  readonly state: LatencyGuardState;
}

export interface LatencyGuardResult {
  /** What to set now, MHz: never below the plan. */
  readonly smClockMhz: number;
  /** Who decided it: a stable word for the decision's reason. */
  readonly code: "plan" | "latency-guard";
  readonly state: LatencyGuardState;
}

/**
 * Between two plans: the clock of a service after each measured window. Fast up: one window with a breach, with a queue
 * or with more arrivals than the clock can carry raises it. Slow down: it falls to what is needed after a cool-down.
 */
export function latencyGuard(input: LatencyGuardInput): LatencyGuardResult {
  const { nowMs, state, plannedSmClockMhz } = input;
  const clocks = servingClocksMhz(input);
  const top = clocks[clocks.length - 1]!;
  const planned = Math.min(Math.max(plannedSmClockMhz, clocks[0]!), top);
  const current = Math.max(planned, Math.min(state.floorSmClockMhz, top));
  const needed = isBreached(input) ? top : carryingClockMhz(input, BURST_HEADROOM);
  if (needed > current) {
    const raised = Math.max(needed, carryingClockMhz(input, RAISE_HEADROOM));
    return guarded(raised, { ...state, floorSmClockMhz: raised, neededAt: nowMs });
  }
  if (current === planned && state.floorSmClockMhz <= planned) {
    return { smClockMhz: planned, code: "plan", state: { ...state, floorSmClockMhz: 0 } };
  }
  // Needed just as it is: the cool-down starts again.
  if (needed === current) return guarded(current, { ...state, neededAt: nowMs });
  const cooledDown = nowMs - state.neededAt >= COOL_DOWN_MS && nowMs - state.loweredAt >= LOWERING_PERIOD_MS;
  if (!cooledDown) return guarded(current, state);
  const lowered = Math.min(current, Math.max(planned, carryingClockMhz(input, RAISE_HEADROOM)));
  if (lowered === current) return guarded(current, state);
  const next = { floorSmClockMhz: lowered > planned ? lowered : 0, neededAt: nowMs, loweredAt: nowMs };
  return lowered > planned ? guarded(lowered, next) : { smClockMhz: planned, code: "plan", state: next };
}

function guarded(smClockMhz: number, state: LatencyGuardState): LatencyGuardResult {
  return { smClockMhz, code: "latency-guard", state };
}

/** Requests are slower than the target, or more of them wait than arrive within it. */
function isBreached({ window, latencyTargetMs }: LatencyGuardInput): boolean {
  const { arrivals, completions, queueDepth, overTarget, durationMs } = window;
  if (overTarget > BREACH_SHARE * completions) return true;
  return queueDepth > 1 + (arrivals / durationMs) * latencyTargetMs;
}

function carryingClockMhz(input: LatencyGuardInput, headroom: number): number {
  const { window, gpus, forecastRequestsPerSecond } = input;
  const measured = (window.arrivals * 1000) / window.durationMs;
  const rate = Math.max(forecastRequestsPerSecond, measured * headroom);
  return neededClockMhz(input, rate / Math.max(1, gpus));
}
