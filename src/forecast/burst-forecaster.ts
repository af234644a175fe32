import { createQuantileTracker, type QuantileTracker, trackError } from "./quantile-tracker.ts";

/**
 * The next minutes of a series that is nearly a random walk: levels with different memories, with and without the
 * usual change over the day, weighed by their own recent errors at each lead.
 * Works on the logarithmic scale of its owner, step by step.
 */
export interface BurstForecaster {
  /** Levels of the last steps, one row of `rates` a step, and the step each row belongs to. */
  readonly levels: Float64Array;
  readonly steps: Float64Array;
  /** Usual value (climatology) at each of these steps. */
  readonly usual: Float64Array;
  /** Mean absolute error of each expert at each probed lead. */
  readonly errors: Float64Array;
  readonly tracker: QuantileTracker;
}

/** Shares of a new value that the levels take over. */
const rates = [1, 0.5, 0.2, 0.07];
const RATES = rates.length;
/** Each level alone, and with the usual change over the day added. */
const EXPERTS = 2 * RATES;
/** Leads, in steps, at which experts and quantiles are judged; a lead in between is treated like the next one. */
export const probedLeads: readonly number[] = [1, 2, 4, 8, 16, 32];
export const BURST_LEADS = 32;
const ROWS = BURST_LEADS + 1;
const ERROR_RATE = 0.01;
/** Weight of an expert: its mean error to the power of minus this. */
const SHARPNESS = 8;
/** A fall beyond this many times the usual error is taken in piece by piece: fast up, slow down. */
const FALL_LIMIT = 4;

export function createBurstForecaster(): BurstForecaster {
  return {
    levels: new Float64Array(ROWS * RATES),
    steps: new Float64Array(ROWS).fill(-1),
    usual: new Float64Array(ROWS),
    errors: new Float64Array(probedLeads.length * EXPERTS).fill(0.2),
    tracker: createQuantileTracker(probedLeads.map((lead) => 0.1 + 0.05 * Math.log2(lead))),
  };
}

export function burstArrays(f: BurstForecaster): (Float64Array | Float32Array)[] {
  const { scale, seen, quantiles } = f.tracker;
  return [f.levels, f.steps, f.usual, f.errors, scale, seen, quantiles];
}

/** Scores what was expected of `step`, then takes in its value `z`; `last` is the step before it, -1 for none. */
export function observeStep(f: BurstForecaster, step: number, last: number, z: number, usual: number): void {
  for (let p = 0; p < probedLeads.length; p++) {
    const row = (step - probedLeads[p]!) % ROWS;
    if (step < probedLeads[p]! || f.steps[row] !== step - probedLeads[p]!) continue;
    trackError(f.tracker, p, z - combine(f, row, p, usual), 1);
    for (let e = 0; e < EXPERTS; e++) {
      const error = Math.abs(z - expert(f, row, e, usual));
      f.errors[p * EXPERTS + e]! += ERROR_RATE * (error - f.errors[p * EXPERTS + e]!);
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
  f.usual[row] = usual;
}

function expert(f: BurstForecaster, row: number, e: number, usual: number): number {
  const level = f.levels[row * RATES + (e % RATES)]!;
  return e < RATES ? level : level + usual - f.usual[row]!;
}

function combine(f: BurstForecaster, row: number, p: number, usual: number): number {
  let sum = 0;
  let total = 0;
  for (let e = 0; e < EXPERTS; e++) {
    const weight = Math.max(f.errors[p * EXPERTS + e]!, 1e-6) ** -SHARPNESS;
    sum += weight * expert(f, row, e, usual);
    total += weight;
  }
  return sum / total;
}

/** Which probed lead stands for `lead`. */
export function probeOf(lead: number): number {
  const at = probedLeads.findIndex((probed) => probed >= lead);
  return at < 0 ? probedLeads.length - 1 : at;
}

/** Expected value `lead` steps after `last`, given the usual value at that time. */
export function forecastStep(f: BurstForecaster, last: number, lead: number, usual: number): number {
  return combine(f, last % ROWS, probeOf(lead), usual);
}

/** Follows a new scale: `carry` takes a value from the old one to the new one. */
export function carryLevels(f: BurstForecaster, carry: (z: number) => number): void {
  for (let i = 0; i < f.levels.length; i++) f.levels[i] = carry(f.levels[i]!);
}
