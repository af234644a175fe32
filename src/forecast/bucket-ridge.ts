import { FEATURES } from "./hourly-features.ts";
import type { ModelLayout } from "./model-layout.ts";
import { addSample, createRidgeSums, type RidgeSums, solveRidge } from "./ridge.ts";

/**
 * The regressions behind hourly forecasts, one a model of the layout. Each learns with forgetting and robust weights,
 * and starts from a prior that is worth some days of data.
 */
export interface BucketRidge {
  readonly layout: ModelLayout;
  readonly prior: readonly number[];
  readonly sums: RidgeSums;
  /** Effective number of samples, mean absolute error, and weight of all samples so far: three numbers a model. */
  readonly levels: Float32Array;
}

/** What a day of samples keeps of the past: a memory of 500 days. */
const KEEP_PER_DAY = 0.998;
/** The ridge is worth this many days of data; the intercept is left almost free. */
const RIDGE_DAYS = 30;
const INTERCEPT_RIDGE = 0.1;
const ERROR_RATE = 0.02;
const MIN_ERROR = 1e-6;

export function createBucketRidge(layout: ModelLayout, prior: readonly number[]): BucketRidge {
  const sums = createRidgeSums(layout.models, FEATURES);
  const weights = sums.weights.values;
  for (let i = 0; i < weights.length; i++) {
    weights[i] = prior[layout.priorRowOf(Math.floor(i / FEATURES)) * FEATURES + (i % FEATURES)]!;
  }
  sums.weights.round(0, weights.length);
  return { layout, prior, sums, levels: new Float32Array(3 * layout.models) };
}

/**
 * Learns that features `x` led to `v`; `error` is how far the model was off, `weight` the sample's share of a day.
 * Samples with more than the usual error count less, as in Huber's loss.
 */
export function learnBucket(
  ridge: BucketRidge,
  model: number,
  x: Float64Array,
  v: number,
  error: number,
  weight: number,
): void {
  const { levels } = ridge;
  const keep = KEEP_PER_DAY ** weight;
  const at = 3 * model;
  const seen = levels[at + 2]! + weight;
  const size = Math.abs(error);
  levels[at + 2] = seen;
  levels[at + 1]! += Math.max(ERROR_RATE * weight, weight / seen) * (size - levels[at + 1]!);
  const robust = weight / Math.max(size / Math.max(levels[at + 1]!, MIN_ERROR), 1);
  levels[at] = keep * levels[at]! + robust;
  addSample(ridge.sums, model, x, v, keep, robust);
}

const ridgeDiagonal = new Float64Array(FEATURES);

/** Brings the models up to date that are due after the hour `target`: a few each hour, all of them once a day. */
export function solveDue(ridge: BucketRidge, target: number): void {
  const { layout, levels, prior, sums } = ridge;
  for (const model of layout.dueAfter(target)) {
    const samples = Math.max(levels[3 * model]!, 1);
    let at = model * sums.packed;
    for (let i = 0; i < FEATURES; i++) {
      ridgeDiagonal[i] = RIDGE_DAYS * (sums.a.values[at]! / samples + 1e-6);
      at += FEATURES - i;
    }
    ridgeDiagonal[0] = INTERCEPT_RIDGE;
    solveRidge(sums, model, ridgeDiagonal, prior, layout.priorRowOf(model) * FEATURES);
  }
}
