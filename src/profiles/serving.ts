import { assert, type Batching, CarmError } from "../records/index.ts";
import { fullBatchRate, isolatedLatencyMs } from "./batch-queue.ts";
import { busyPowerWatts, relativeSpeed } from "./curve.ts";
import { latencyExceededBy, type QueueState, queueState, shareLongerThan } from "./latency-table.ts";
import type { ProfileTemplate } from "./profile-template.ts";

/**
 * Each GPU of a service is a batch server of its own: Poisson arrivals, a free server takes all that wait (at most
 * maxBatch), and a batch of b takes (setupMs + b * marginalMs) / relative speed. The queue is Inoue's
 * (arXiv 1912.06322); its latency quantiles have no closed form and come from a table of simulations.
 */
export interface ServingPoint {
  readonly requestsPerSecondPerGpu: number;
  readonly smClockMhz: number;
}

/** Share of requests slower than the target, 0 to 1; 1 if the GPU can't keep up. Falls with the clock, rises with the rate. */
export function shareOverTarget(
  profile: ProfileTemplate,
  point: ServingPoint & { readonly targetMs: number },
): number {
  const batching = batchingOf(profile);
  const state = stateOf(profile, batching, point);
  if (state === null) return 1;
  const speed = relativeSpeed(profile, point.smClockMhz);
  return shareLongerThan(state, (point.targetMs * speed) / isolatedLatencyMs(batching));
}

/** Latency that a share 1 - quantile of the requests exceeds, ms; Infinity if the GPU can't keep up. */
export function latencyQuantileMs(
  profile: ProfileTemplate,
  point: ServingPoint & { readonly quantile: number },
): number {
  assert(point.quantile > 0 && point.quantile < 1, "a quantile lies between 0 and 1");
  const batching = batchingOf(profile);
  const state = stateOf(profile, batching, point);
  if (state === null) return Number.POSITIVE_INFINITY;
  const unit = isolatedLatencyMs(batching) / relativeSpeed(profile, point.smClockMhz);
  return unit * latencyExceededBy(state, 1 - point.quantile);
}

/** Share of time in which a GPU works, 0 to 1; 1 if it can't keep up. */
export function busyShare(profile: ProfileTemplate, point: ServingPoint): number {
  return stateOf(profile, batchingOf(profile), point)?.busyShare ?? 1;
}

/** Mean watts of one GPU, idle power included: idle + busy share * (busy - idle). */
export function servingPowerWatts(profile: ProfileTemplate, point: ServingPoint): number {
  const idle = profile.gpu.idlePowerWatts;
  return idle + busyShare(profile, point) * (busyPowerWatts(profile, point.smClockMhz) - idle);
}

/** The highest rate of one GPU at which the latency quantile stays within the target; 0 if there is none. */
export function maxRequestsPerSecondPerGpu(
  profile: ProfileTemplate,
  goal: { readonly smClockMhz: number; readonly quantile: number; readonly targetMs: number },
): number {
  const batching = batchingOf(profile);
  let low = 0;
  let high = fullBatchRate(batching) * relativeSpeed(profile, goal.smClockMhz);
  for (let i = 0; i < 40; i++) {
    const rate = (low + high) / 2;
    const share = shareOverTarget(profile, { ...goal, requestsPerSecondPerGpu: rate });
    if (share <= 1 - goal.quantile) low = rate;
    else high = rate;
  }
  return low;
}

function stateOf(profile: ProfileTemplate, batching: Batching, point: ServingPoint): QueueState | null {
  assert(point.requestsPerSecondPerGpu >= 0, "a request rate is not negative");
  const capacity = fullBatchRate(batching) * relativeSpeed(profile, point.smClockMhz);
  const utilization = point.requestsPerSecondPerGpu / capacity;
  if (utilization >= 1) return null;
  return queueState(ratioOf(batching), batching.maxBatch, utilization);
}

function ratioOf(batching: Batching): number {
  return batching.setupMs / batching.marginalMs;
}

function batchingOf(profile: ProfileTemplate): Batching {
  if (profile.batching !== null) return profile.batching;
  throw new CarmError(
    "ERR_PROFILE_UNKNOWN",
    `the profile of ${profile.model} on ${profile.gpu.model} is for ${profile.purpose}: publish one for inference, with batching`,
  );
}
