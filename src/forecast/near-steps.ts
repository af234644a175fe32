import {
  BURST_LEADS,
  type BurstForecaster,
  burstArrays,
  carryLevels,
  createBurstForecaster,
  forecastStep,
  observeStep,
  probeOf,
} from "./burst-forecaster.ts";
import { expectedNear } from "./hourly-forecaster.ts";
import type { HourlyForecaster } from "./hourly-state.ts";
import { HOUR_MS } from "./hourly-window.ts";
import {
  createQuantileTracker,
  errorQuantiles,
  type QuantileTracker,
  trackError,
} from "./quantile-tracker.ts";
import { fromScale, type Scale, scaleFor, toScale } from "./scale.ts";

/** The next steps of a series whose source is finer than an hour, at the source's own resolution. */
export interface NearSteps {
  readonly scalars: Float64Array;
  readonly burst: BurstForecaster;
  /** How single steps spread around the mean of their hour. */
  readonly withinHour: QuantileTracker;
}

/** Places in `scalars`. */
const STEP_MS = 0;
const STEP = 1;
const SUM = 2;
const COVERED_MS = 3;
const LAST_STEP = 4;
/** Level of the last hour on the scale of steps. */
const HOUR_Z = 5;
const LEVEL = 6;
const LEVEL_SEEN = 7;
const OFFSET = 8;
const LOG_LEVEL = 9;
const SCALARS = 10;

/** A step counts once this share of it was covered. */
const COVERED_SHARE = 0.5;
/** The level behind the scale remembers this many steps. */
const LEVEL_STEPS = 2000;
const RESCALE_FACTOR = 2;

export function createNearSteps(): NearSteps {
  return {
    scalars: new Float64Array(SCALARS).fill(-1),
    burst: createBurstForecaster(),
    withinHour: createQuantileTracker([0.2]),
  };
}

export function nearArrays(n: NearSteps): (Float64Array | Float32Array)[] {
  const { scale, seen, quantiles } = n.withinHour;
  return [n.scalars, ...burstArrays(n.burst), scale, seen, quantiles];
}

/** Length of a step, -1 before the first one. */
export function nearStepMs(n: NearSteps): number {
  return n.scalars[STEP_MS]!;
}

/** True once a step was complete. */
export function hasNear(n: NearSteps): boolean {
  return n.scalars[LAST_STEP]! >= 0;
}

/** Begins anew with steps of this length. */
export function startNear(n: NearSteps, stepMs: number): void {
  const fresh = nearArrays(createNearSteps());
  for (const [i, array] of nearArrays(n).entries()) array.set(fresh[i]!);
  n.scalars[STEP_MS] = stepMs;
}

/** Takes in the mean `value` from `at` to `to`, which lie in one step and follow what was taken in before. */
export function observeNear(
  n: NearSteps,
  hourly: HourlyForecaster,
  at: number,
  to: number,
  value: number,
  floor: number,
): void {
  const s = n.scalars;
  const step = Math.floor(at / s[STEP_MS]!);
  if (step !== s[STEP]) {
    closeStep(n, hourly, floor);
    s[STEP] = step;
  }
  s[SUM]! += value * (to - at);
  s[COVERED_MS]! += to - at;
  if (to >= (step + 1) * s[STEP_MS]!) closeStep(n, hourly, floor);
}

/** Ends the step under way, if it was covered. */
function closeStep(n: NearSteps, hourly: HourlyForecaster, floor: number): void {
  const s = n.scalars;
  const covered = s[COVERED_MS]!;
  if (s[STEP]! >= 0 && covered >= COVERED_SHARE * s[STEP_MS]!) {
    takeStep(n, hourly, s[STEP]!, s[SUM]! / covered, floor);
  }
  s[STEP] = -1;
  s[SUM] = 0;
  s[COVERED_MS] = 0;
}

function takeStep(n: NearSteps, hourly: HourlyForecaster, step: number, value: number, floor: number): void {
  const s = n.scalars;
  followLevel(n, value, floor);
  const scale = scaleOf(n);
  const z = toScale(scale, value);
  const middle = (step + 0.5) * s[STEP_MS]!;
  const expected = (lead: number): number => {
    const hours = expectedNear(hourly, middle + lead * s[STEP_MS]!);
    return hours === undefined ? z : toScale(scale, hours);
  };
  const last = s[LAST_STEP]!;
  observeStep(n.burst, step, last, z, expected);
  if (last < 0) s[HOUR_Z] = z;
  trackError(n.withinHour, 0, z - s[HOUR_Z]!, 1);
  s[HOUR_Z]! += Math.min(1, (2 * s[STEP_MS]!) / (HOUR_MS + s[STEP_MS]!)) * (z - s[HOUR_Z]!);
  s[LAST_STEP] = step;
}

function scaleOf(n: NearSteps): Scale {
  return { offset: n.scalars[OFFSET]!, logLevel: n.scalars[LOG_LEVEL]! };
}

/** Keeps the scale near the level of the series. */
function followLevel(n: NearSteps, value: number, floor: number): void {
  const s = n.scalars;
  const first = s[LEVEL_SEEN]! < 0;
  if (first) s[LEVEL_SEEN] = s[LEVEL] = 0;
  s[LEVEL_SEEN]! += 1;
  s[LEVEL]! += (value - s[LEVEL]!) / Math.min(s[LEVEL_SEEN]!, LEVEL_STEPS);
  const next = scaleFor(s[LEVEL]!, floor);
  const old = scaleOf(n);
  const ratio = next.offset / old.offset;
  if (!first && ratio < RESCALE_FACTOR && ratio > 1 / RESCALE_FACTOR) return;
  s[OFFSET] = next.offset;
  s[LOG_LEVEL] = next.logLevel;
  if (first) return;
  const carry = (z: number): number => toScale(next, fromScale(old, z));
  carryLevels(n.burst, carry);
  s[HOUR_Z] = carry(s[HOUR_Z]!);
}

/** How much the hours say of a time: nothing about the next steps, everything beyond `BURST_LEADS` of them. */
export function hourShare(n: NearSteps, timeMs: number): number {
  if (!hasNear(n)) return 1;
  return Math.min(1, Math.max(0, (2 * leadOf(n, timeMs)) / BURST_LEADS - 1));
}

function leadOf(n: NearSteps, timeMs: number): number {
  return Math.max(1, Math.floor(timeMs / n.scalars[STEP_MS]!) - n.scalars[LAST_STEP]!);
}

/** Writes the quantiles of the step that holds `timeMs` into `out`. A step must have been taken in. */
export function nearQuantiles(
  n: NearSteps,
  hourly: HourlyForecaster,
  timeMs: number,
  out: Float64Array,
): void {
  const last = n.scalars[LAST_STEP]!;
  const lead = leadOf(n, timeMs);
  const scale = scaleOf(n);
  const hours = expectedNear(hourly, timeMs);
  const ahead = hours === undefined ? undefined : toScale(scale, hours);
  const z = forecastStep(n.burst, last, lead, ahead);
  const widen = Math.sqrt(Math.max(1, lead / BURST_LEADS));
  errorQuantiles(n.burst.tracker, probeOf(lead), out);
  for (let q = 0; q < out.length; q++) out[q] = fromScale(scale, z + widen * out[q]!);
}

const within = new Float64Array(9);

/** Writes the quantiles of a step of an hour with these quantiles and median into `out`, as if the two were independent. */
export function withinHour(n: NearSteps, hour: Float64Array, median: number, out: Float64Array): void {
  const scale = scaleOf(n);
  errorQuantiles(n.withinHour, 0, within);
  const z = toScale(scale, median);
  for (let q = 0; q < out.length; q++) {
    const spread = Math.hypot(toScale(scale, hour[q]!) - z, within[q]!);
    out[q] = fromScale(scale, z + Math.sign(within[q]!) * spread);
  }
}
