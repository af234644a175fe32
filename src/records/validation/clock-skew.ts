import { CarmError } from "../errors.ts";
import type { TopicName } from "../topics.ts";
import { clockSkewLimits } from "./limits.ts";

const { maxAheadMs, maxBehindMs } = clockSkewLimits;

/**
 * How far `observedAt` may lie before and after the append time, by input topic. Live measurements come at once, so an
 * hour behind is a wrong clock; the others may be history or settings, written again long after they were made.
 * Nobody observes the future. Output topics are not judged: their times come from the inputs.
 */
const limits: { readonly [T in TopicName]?: { readonly maxAheadMs: number; readonly maxBehindMs: number } } =
  {
    "carm.actuations": { maxAheadMs, maxBehindMs },
    "carm.gpu-telemetry": { maxAheadMs, maxBehindMs },
    "carm.job-events": { maxAheadMs, maxBehindMs },
    "carm.request-rate": { maxAheadMs, maxBehindMs },
    "carm.clusters": { maxAheadMs, maxBehindMs: Number.POSITIVE_INFINITY },
    "carm.grid-intensity": { maxAheadMs, maxBehindMs: Number.POSITIVE_INFINITY },
    "carm.policies": { maxAheadMs, maxBehindMs: Number.POSITIVE_INFINITY },
    "carm.profiles": { maxAheadMs, maxBehindMs: Number.POSITIVE_INFINITY },
  };

/** Throws ERR_RECORD_CLOCK_SKEW if a producer's clock can't have been right. Both times are epoch milliseconds. */
export function checkClockSkew(topic: TopicName, observedAt: number, appendedAt: number): void {
  const limit = limits[topic];
  if (limit === undefined) return;
  const aheadMs = observedAt - appendedAt;
  if (aheadMs > limit.maxAheadMs) throw skewed(topic, `${aheadMs} ms after`, limit.maxAheadMs);
  if (-aheadMs >= limit.maxBehindMs) throw skewed(topic, `${-aheadMs} ms before`, limit.maxBehindMs);
}

function skewed(topic: TopicName, distance: string, limitMs: number): CarmError {
  const message = `${topic}: observedAt is ${distance} the append time; the limit is ${limitMs} ms. Set the producer's clock.`;
  return new CarmError("ERR_RECORD_CLOCK_SKEW", message);
}
