import { createQuantileTracker, type QuantileTracker, trackError } from "./quantile-tracker.ts";

/**
 * The next steps of a series that is nearly a random walk: levels with different memories, one of them with the change
 * that the hourly model expects, and the hourly model itself; all weighed by their own recent errors at each lead.
 * Works on the logarithmic scale of its owner, step by step.
 */
export interface BurstForecaster {
  /** Levels of the last steps, one row of `rates` a step, and the step each row belongs to. */
  readonly levels: Float32Array;
  readonly steps: Float64Array;
  /** What the hourly model said after each of these steps: of the step itself, and of the probed leads. */
  readonly now: Float32Array;
  readonly ahead: Float32Array;
  /** Mean absolute error of each expert at each probed lead. */
  readonly errors: Float32Array;
  readonly tracker: QuantileTracker;
}

/** Shares of a new value that the levels take over. */
const rates = [1, 0.5, 0.2, 0.07];
const RATES = rates.length;
/** Each level alone, then one of them with the change that is expected, then what the hourly model says. */
const EXPERTS = RATES + 2;
const CHANGING_RATE = 1;
/** Leads, in steps, at which experts and quantiles are judged; a lead in between is treated like the next one. */
export const probedLeads: readonly number[] = [1, 2, 4, 8, 16, 32];
const PROBES = probedLeads.length;
export const BURST_LEADS = 32;
const ROWS = BURST_LEADS + 1;
const ERROR_RATE = 0.01;
/** Weight of an expert: its mean error to the power of minus this. */
const SHARPNESS = 8;
/** A fall beyond this many times the usual error is taken in piece by piece: fast up, slow down. */
const FALL_LIMIT = 4;

export function createBurstForecaster(): BurstForecaster {
  return {
    levels: new Float32Array(ROWS * RATES),
    steps: new Float64Array(ROWS).fill(-1),
    now: new Float32Array(ROWS),
    ahead: new Float32Array(ROWS * PROBES),
    errors: new Float32Array(PROBES * EXPERTS).fill(0.2),
    tracker: createQuantileTracker(probedLeads.map((lead) => 0.1 + 0.05 * Math.log2(lead))),
  };
}

export function burstArrays(f: BurstForecaster): (Float64Array | Float32Array)[] {
  const { scale, seen, quantiles } = f.tracker;
  return [f.levels, f.steps, f.now, f.ahead, f.errors, scale, seen, quantiles];
}

/**
 * Scores what was expected of `step`, then takes in its value `z`. `last` is the step before it, -1 for none;
 * `expected(lead)` is what the hourly model says now of a step `lead` steps on, 0 for this one.
 */
export function observeStep(
  f: BurstForecaster,
  step: number,
  last: number,
  z: number,
  expected: (lead: number) => number,
): void {
  for (let p = 0; p < PROBES; p++) {
    const issued = step - probedLeads[p]!;
    const row = issued % ROWS;
    if (issued < 0 || f.steps[row] !== issued) continue;
    const ahead = f.ahead[row * PROBES + p]!;
    trackError(f.tracker, p, z - combine(f, row, p, ahead), 1);
    const rate = Math.max(ERROR_RATE, 1 / f.tracker.seen[p]!);
    for (let e = 0; e < EXPERTS; e++) {
      const error = Math.abs(z - expert(f, row, e, ahead));
      f.errors[p * EXPERTS + e]! += rate * (error - f.errors[p * EXPERTS + e]!);
    }
  }
  const row = step % ROWS;
  const from = (last % ROWS) * RATES;
  const fall = -FALL_LIMIT * f.tracker.scale[0]!;
  for (let i = 0; i < RATES; i++) {
    const level = last < 0 ? z : f.levels[from + i]!;
    f.levels[row * RATES + i] = level + rates[i]! * Math.max(z - level, fall);
  }
  f.steps[row] = step;
  f.now[row] = expected(0);
  for (let p = 0; p < PROBES; p++) f.ahead[row * PROBES + p] = expected(probedLeads[p]!);
}

function expert(f: BurstForecaster, row: number, e: number, ahead: number): number {
  if (e < RATES) return f.levels[row * RATES + e]!;
  return e > RATES ? ahead : f.levels[row * RATES + CHANGING_RATE]! + ahead - f.now[row]!;
}

function combine(f: BurstForecaster, row: number, p: number, ahead: number): number {
  let sum = 0;
  let total = 0;
  for (let e = 0; e < EXPERTS; e++) {
    const weight = Math.max(f.errors[p * EXPERTS + e]!, 1e-6) ** -SHARPNESS;
    sum += weight * expert(f, row, e, ahead);
    total += weight;
  }
  return sum / total;
}

/** Which probed lead stands for `lead`. */
export function probeOf(lead: number): number {
  const at = probedLeads.findIndex((probed) => probed >= lead);
  return at < 0 ? PROBES - 1 : at;
}

/** Expected value `lead` steps after `last`, of which the hourly model says `ahead`; undefined if it has no say yet. */
export function forecastStep(
  f: BurstForecaster,
  last: number,
  lead: number,
  ahead: number | undefined,
): number {
  const row = last % ROWS;
  return combine(f, row, probeOf(lead), ahead ?? f.now[row]!);
}

/** Follows a new scale: `carry` takes a value from the old one to the new one. */
export function carryLevels(f: BurstForecaster, carry: (z: number) => number): void {
  for (const values of [f.levels, f.now, f.ahead]) {
    for (let i = 0; i < values.length; i++) values[i] = carry(values[i]!);
  }
}
