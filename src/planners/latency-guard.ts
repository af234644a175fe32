import { type Profile, shareOverTarget } from "../profiles/index.ts";
import type { ClockLimits } from "./planner.ts";
import { neededClockMhz, servingClocksMhz } from "./serving-clocks.ts";
import { learnTail, newTailRatio, type TailRatio, tailFactor } from "./tail-ratio.ts";

/** A clock is raised for the expected rate times this, so that the next window seldom raises it again. */
const RAISE_HEADROOM = 1.06;
/** A breach raises the clock for at least so much more than the rate that was expected. */
const BREACH_HEADROOM = 1.25;
/** Slow requests, over what is usual at the clock, from which on a window is a breach and not chance: a share and a count. */
const BREACH_SHARE = 0.01;
const BREACH_REQUESTS = 3;
/** A clock is lowered only if it was not needed for so long. */
const COOL_DOWN_MS = 3 * 60_000;
/**
 * Least time between two lowerings, so at most 6 an hour.
 */
const LOWERING_PERIOD_MS = 10 * 60_000;
/** A change smaller than this share of the clock is left. */
const LOWERING_SHARE = 0.02;
/** Time after a change of the clock in which windows hold both clocks and teach nothing. */
const SETTLING_MS = 60_000;

/** What the guard remembers of a service between two windows. Plain data. */
export interface LatencyGuardState {
  /** The clock that it asks for, MHz; 0 before its first window. */
  readonly smClockMhz: number;
  /** When that clock was last needed, epoch milliseconds. */
  readonly neededAt: number;
  /** When it was last lowered. */
  readonly loweredAt: number;
  /** When it was last changed. */
  readonly changedAt: number;
  /** Measured over modelled slow requests. */
  readonly tail: TailRatio;
}

/** The guard of a service that has seen nothing yet. */
export const restingLatencyGuard: LatencyGuardState = {
  smClockMhz: 0,
  neededAt: Number.MIN_SAFE_INTEGER,
  loweredAt: Number.MIN_SAFE_INTEGER,
  changedAt: Number.MIN_SAFE_INTEGER,
  tail: newTailRatio,
};

export interface LatencyGuardInput {
  readonly nowMs: number;
  readonly profile: Profile;
  readonly latencyQuantile: number;
  readonly latencyTargetMs: number;
  readonly gpus: number;
  readonly limits: ClockLimits;
  /** What the plan has for this slot, MHz: where the guard begins. */
  readonly plannedSmClockMhz: number;
  /** Expected arrivals of the next minutes, the highest, requests per second of the whole service; 0 if unknown. */
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
  /** What to set now, MHz. */
  readonly smClockMhz: number;
  /** Why: a stable word for the decision's reason. */
  readonly code: "arrivals" | "latency-guard";
  readonly state: LatencyGuardState;
}

/**
 * The clock of a service after each measured window: the lowest that holds the target for the arrivals of the next
 * minutes, by the profile corrected by the slow requests that were measured. Fast up: one window with a breach, a queue
 * or more arrivals raises it. Slow down: it falls to what is needed after a cool-down.
 */
export function latencyGuard(input: LatencyGuardInput): LatencyGuardResult {
  const { nowMs, plannedSmClockMhz, window } = input;
  const clocks = servingClocksMhz(input);
  const top = clocks[clocks.length - 1]!;
  const before = input.state.smClockMhz === 0 ? plannedSmClockMhz : input.state.smClockMhz;
  const current = Math.min(Math.max(before, clocks[0]!), top);
  const measuredRate = (window.arrivals * 1000) / window.durationMs / Math.max(1, input.gpus);
  const usual = shareAt(input, current, measuredRate) * window.completions;
  const settled = nowMs - input.state.changedAt >= SETTLING_MS;
  const tail = settled ? learnTail(input.state.tail, window.overTarget, usual) : input.state.tail;
  const state = { ...input.state, smClockMhz: current, tail };
  const goal = { ...input, tailFactor: tailFactor(tail) };
  const rate = Math.max(measuredRate, input.forecastRequestsPerSecond / Math.max(1, input.gpus));

  if (isQueueing(input)) return raised(top, "latency-guard", state, nowMs);
  if (window.overTarget > 2 * goal.tailFactor * usual + BREACH_SHARE * window.completions + BREACH_REQUESTS) {
    const half = clocks.find((clock) => clock >= (current + top) / 2) ?? top;
    const carrying = neededClockMhz(goal, rate * BREACH_HEADROOM);
    return raised(Math.max(half, carrying), "latency-guard", state, nowMs);
  }
  const needed = neededClockMhz(goal, rate);
  if (needed > current) return raised(neededClockMhz(goal, rate * RAISE_HEADROOM), "arrivals", state, nowMs);
  const lower = neededClockMhz(goal, rate * RAISE_HEADROOM);
  if (lower > current * (1 - LOWERING_SHARE))
    return result(current, "arrivals", { ...state, neededAt: nowMs });
  const cooledDown = nowMs - state.neededAt >= COOL_DOWN_MS && nowMs - state.loweredAt >= LOWERING_PERIOD_MS;
  if (!cooledDown) return result(current, "arrivals", state);
  return result(lower, "arrivals", { ...state, neededAt: nowMs, loweredAt: nowMs, changedAt: nowMs });
}

function raised(
  smClockMhz: number,
  code: LatencyGuardResult["code"],
  state: LatencyGuardState,
  nowMs: number,
): LatencyGuardResult {
  const changedAt = smClockMhz === state.smClockMhz ? state.changedAt : nowMs;
  return result(smClockMhz, code, { ...state, neededAt: nowMs, changedAt });
}

function result(
  smClockMhz: number,
  code: LatencyGuardResult["code"],
  state: LatencyGuardState,
): LatencyGuardResult {
  return { smClockMhz, code, state: { ...state, smClockMhz } };
}

/** More requests wait than arrive within the target. */
function isQueueing({ window, latencyTargetMs }: LatencyGuardInput): boolean {
  const { arrivals, queueDepth, durationMs } = window;
  return queueDepth > 1 + (arrivals / durationMs) * latencyTargetMs;
}

function shareAt(input: LatencyGuardInput, smClockMhz: number, requestsPerSecondPerGpu: number): number {
  const { profile, latencyTargetMs: targetMs } = input;
  return shareOverTarget(profile, { requestsPerSecondPerGpu, smClockMhz, targetMs });
}
