import type { Batching } from "../records/index.ts";

/**
 * Coordinates of the batch queue, in which its latency is tabulated. Arrivals are Poisson; a free server takes all
 * that wait, at most maxBatch; a batch of b takes setup + b * marginal. Time is measured in batches of one, which
 * leaves three numbers: maxBatch, the ratio setup / marginal, and the load.
 */

/** Requests per second of one GPU with always full batches at the highest clock. */
export function fullBatchRate(batching: Batching): number {
  return (1000 * batching.maxBatch) / (batching.setupMs + batching.maxBatch * batching.marginalMs);
}

/** Duration of a batch of one at the highest clock: the least latency there is. */
export function isolatedLatencyMs(batching: Batching): number {
  return batching.setupMs + batching.marginalMs;
}

/**
 * Maps utilisation (arrivals over the rate of full batches, 0 to 1) to a coordinate from 0 to 1 in which latency is
 * smooth at both ends: at light load what counts is arrivals over the rate of batches of one, `gain` times lower.
 */
export function loadCoordinate(utilization: number, gain: number): number {
  return (utilization + (utilization * gain) / (1 + (gain - 1) * utilization)) / 2;
}

/** The inverse of {@link loadCoordinate}. */
export function utilizationAt(coordinate: number, gain: number): number {
  // (gain-1) u^2 + (1 + gain - 2c(gain-1)) u - 2c = 0, its positive root in a form that holds for gain = 1.
  const b = 1 + gain - 2 * coordinate * (gain - 1);
  return (4 * coordinate) / (b + Math.sqrt(b * b + 8 * coordinate * (gain - 1)));
}

/** How many times faster full batches are than batches of one. */
export function batchingGain(ratio: number, maxBatch: number): number {
  return (maxBatch * (ratio + 1)) / (ratio + maxBatch);
}

/** Tabulated ratios setup / marginal are 2^i - 1, maximal batches 2^j, i and j from 0 to 7. */
export const tableSide = 8;
/** Tabulated load coordinates above 0; at 0 the queue is known exactly. */
export const loadNodes: readonly number[] = [
  0.03, 0.06, 0.1, 0.16, 0.23, 0.31, 0.4, 0.5, 0.6, 0.7, 0.78, 0.85, 0.9, 0.94, 0.97,
];
/**
 * Tabulated shares, among the requests that find the server busy, of those that take longer. A request that finds it
 * idle is served at once and alone, so its latency is exactly 1; arrivals see time averages, so the share that finds
 * it busy is the busy share.
 */
export const tailNodes: readonly number[] = [0.8, 0.4, 0.1, 0.02, 0.004, 0.0008];
