import { FEATURES, LEADS } from "./hourly-features.ts";
import { addSample, createRidgeSums, predictRidge, type RidgeSums, solveRidge } from "./ridge.ts";

/**
 * The regression behind hourly forecasts: one small ridge model for each bucket of leads and group of target
 * hours of day. Each learns with forgetting and robust weights, and starts from a prior worth some days of data.
 */
export interface BucketRidge {
  readonly sums: RidgeSums;
  /** Effective number of samples, mean absolute error, and weight of all samples so far: three numbers a model. */
  readonly levels: Float32Array;
  readonly hourGroups: number;
}

/** First lead of each bucket, and one past the last. */
const bucketEdges = [1, 2, 3, 4, 6, 9, 13, 19, 25, 37, 49, 73, 97];
const BUCKETS = bucketEdges.length - 1;
/** What a day of samples keeps of the past: a memory of 500 days. */
const KEEP_PER_DAY = 0.998;
/** The ridge is worth this many days of data; the intercept is left almost free. */
const RIDGE_DAYS = 20;
const INTERCEPT_RIDGE = 0.1;
const ERROR_RATE = 0.02;

const bucketOfLead = Int32Array.from({ length: LEADS + 1 }, (_, lead) =>
  Math.max(0, bucketEdges.findIndex((edge) => edge > lead) - 1),
);

export function modelCount(hourGroups: number): number {
  return BUCKETS * hourGroups;
}

export function createBucketRidge(prior: readonly number[], hourGroups: number): BucketRidge {
  const models = modelCount(hourGroups);
  const sums = createRidgeSums(models, FEATURES);
  for (let i = 0; i < sums.weights.length; i++) {
    sums.weights[i] = prior[priorRow(hourGroups, Math.floor(i / FEATURES)) + (i % FEATURES)]!;
  }
  return { sums, levels: new Float32Array(3 * models), hourGroups };
}

/** The model for a target hour (hours since the epoch) at a lead. */
export function modelOf(ridge: BucketRidge, target: number, lead: number): number {
  return bucketOfLead[lead]! * ridge.hourGroups + Math.floor(((target % 24) * ridge.hourGroups) / 24);
}

/** A sample's weight: each model gets 1 a day. */
export function sampleWeight(ridge: BucketRidge, lead: number): number {
  const bucket = bucketOfLead[lead]!;
  return ridge.hourGroups / (24 * (bucketEdges[bucket + 1]! - bucketEdges[bucket]!));
}

function priorRow(hourGroups: number, model: number): number {
  return Math.floor(model / hourGroups) * FEATURES;
}

export function predictBucket(ridge: BucketRidge, model: number, x: Float64Array): number {
  return predictRidge(ridge.sums, model, x);
}

/** Learns that features `x` at `lead` led to `v`; `error` is how far the model was off. */
export function learnBucket(
  ridge: BucketRidge,
  model: number,
  lead: number,
  x: Float64Array,
  v: number,
  error: number,
): void {
  const weight = sampleWeight(ridge, lead);
  const keep = KEEP_PER_DAY ** weight;
  const { levels } = ridge;
  const at = 3 * model;
  const seen = levels[at + 2]! + weight;
  const size = Math.abs(error);
  levels[at + 2] = seen;
  levels[at + 1]! += Math.max(ERROR_RATE * weight, weight / seen) * (size - levels[at + 1]!);
  const robust = weight / Math.max(size / Math.max(levels[at + 1]!, 1e-6), 1);
  levels[at] = keep * levels[at]! + robust;
  addSample(ridge.sums, model, x, v, keep, robust);
}

const ridgeDiagonal = new Float64Array(FEATURES);

/** Brings the models of the group of hours that ends with `target` up to date; due once those hours are in. */
export function solveGroup(ridge: BucketRidge, target: number, prior: readonly number[]): void {
  const { hourGroups } = ridge;
  const groupHours = 24 / hourGroups;
  if (target % groupHours !== groupHours - 1) return;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const model = bucket * hourGroups + Math.floor((target % 24) / groupHours);
    const samples = Math.max(ridge.levels[3 * model]!, 1);
    let at = model * ridge.sums.packed;
    for (let i = 0; i < FEATURES; i++) {
      ridgeDiagonal[i] = RIDGE_DAYS * (ridge.sums.a[at]! / samples + 1e-6);
      at += FEATURES - i;
    }
    ridgeDiagonal[0] = INTERCEPT_RIDGE;
    solveRidge(ridge.sums, model, ridgeDiagonal, prior, priorRow(hourGroups, model));
  }
}
