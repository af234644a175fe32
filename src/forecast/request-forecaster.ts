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
import { forecastHours, observeHour } from "./hourly-forecaster.ts";
import { hourlyPrior } from "./hourly-prior.ts";
import {
  createHourlyForecaster,
  type HourlyForecaster,
  type HourlyOptions,
  hourlyArrays,
} from "./hourly-state.ts";
import { HOUR_MS, HOURS_BEFORE_EPOCH } from "./hourly-window.ts";
import { coarseLayout } from "./model-layout.ts";
import {
  createQuantileTracker,
  errorQuantiles,
  type QuantileTracker,
  quantileLevels,
  trackError,
} from "./quantile-tracker.ts";
import { fromScale, type Scale, scaleFor, toScale } from "./scale.ts";
import type { SeriesForecast } from "./series-forecast.ts";
import { decodeArrays, encodeArrays, type StateArray } from "./state-bytes.ts";

/** Forecasts the arrivals of one service: minutes ahead with its bursts, and days ahead. Opaque: use the functions of this file. */
export interface RequestForecaster {
  readonly kind: "requests";
  readonly scalars: Float64Array;
  readonly burst: BurstForecaster;
  readonly hourly: HourlyForecaster;
  /** How single windows spread around the mean of their hour. */
  readonly withinHour: QuantileTracker;
}

/** What a forecast of arrivals is to cover. */
export interface RequestHorizon {
  readonly stepMs: number;
  readonly steps: number;
}

/** Places in `scalars`. */
const WINDOW_MS = 0;
const COVERED_TO = 1;
const STEP = 2;
const STEP_ARRIVALS = 3;
const STEP_COVERED_MS = 4;
const LAST_STEP = 5;
const HOUR = 6;
const HOUR_ARRIVALS = 7;
const HOUR_COVERED_MS = 8;
/** Level of the last hour on the scale of steps. */
const HOUR_Z = 9;
const LEVEL = 10;
const LEVEL_SEEN = 11;
const OFFSET = 12;
const LOG_LEVEL = 13;
const SCALARS = 14;

const format = { kind: 3, version: 1 };
const hourlyOptions: HourlyOptions = {
  format,
  /** Requests per second; one request in a quarter of an hour. */
  offsetFloor: 0.001,
  prior: hourlyPrior,
  layout: coarseLayout,
};
/** A step or hour counts once this share of it was covered by windows. */
const COVERED_SHARE = 0.5;
/** The level behind the scale remembers this many windows. */
const LEVEL_WINDOWS = 2000;
const RESCALE_FACTOR = 2;
/** Windows shorter than this are gathered to it, longer ones than an hour count as an hour. */
const MIN_WINDOW_MS = 1000;

export function createRequestForecaster(): RequestForecaster {
  return {
    kind: "requests",
    scalars: new Float64Array(SCALARS).fill(-1),
    burst: createBurstForecaster(),
    hourly: createHourlyForecaster(hourlyOptions),
    withinHour: createQuantileTracker([0.2]),
  };
}

export function encodeRequestForecaster(f: RequestForecaster): Uint8Array {
  return encodeArrays(format, arraysOf(f));
}

/** Throws ERR_STATE_VERSION or ERR_STATE_CORRUPT. */
export function decodeRequestForecaster(bytes: Uint8Array): RequestForecaster {
  const f = createRequestForecaster();
  decodeArrays(format, bytes, arraysOf(f));
  return f;
}

function arraysOf(f: RequestForecaster): StateArray[] {
  const { scale, seen, quantiles } = f.withinHour;
  return [f.scalars, ...burstArrays(f.burst), scale, seen, quantiles, ...hourlyArrays(f.hourly)];
}

/**
 * Takes in a window of `arrivals` requests. The first window sets the resolution of the next minutes.
 * Of a window that overlaps what was taken in before, only the rest counts: a duplicate changes nothing, a late one is
 * ignored. A time without windows is a gap, not a time without requests. A value that can't be is ignored.
 */
export function observeRequests(
  f: RequestForecaster,
  startsAt: number,
  durationMs: number,
  arrivals: number,
): void {
  if (
    !(durationMs > 0 && arrivals >= 0) ||
    !Number.isFinite(durationMs + arrivals + startsAt) ||
    startsAt < 0
  )
    return;
  const s = f.scalars;
  if (s[WINDOW_MS]! < 0) s[WINDOW_MS] = Math.min(HOUR_MS, Math.max(MIN_WINDOW_MS, durationMs));
  const endsAt = startsAt + durationMs;
  let at = Math.max(startsAt, s[COVERED_TO]!, endsAt - HOUR_MS);
  while (at < endsAt) {
    const step = Math.floor(at / s[WINDOW_MS]!);
    if (step !== s[STEP]) closeStep(f, step);
    const hour = Math.floor(at / HOUR_MS);
    if (hour !== s[HOUR]) closeHour(f, hour);
    const to = Math.min(endsAt, (step + 1) * s[WINDOW_MS]!, (hour + 1) * HOUR_MS);
    const share = (arrivals * (to - at)) / durationMs;
    s[STEP_ARRIVALS]! += share;
    s[STEP_COVERED_MS]! += to - at;
    s[HOUR_ARRIVALS]! += share;
    s[HOUR_COVERED_MS]! += to - at;
    at = to;
  }
  s[COVERED_TO] = Math.max(s[COVERED_TO]!, endsAt);
  if (s[COVERED_TO]! >= (s[STEP]! + 1) * s[WINDOW_MS]!) closeStep(f, s[STEP]! + 1);
  if (s[COVERED_TO]! >= (s[HOUR]! + 1) * HOUR_MS) closeHour(f, s[HOUR]! + 1);
}

/** Ends the step under way, if it was covered, and begins `next`. */
function closeStep(f: RequestForecaster, next: number): void {
  const s = f.scalars;
  const covered = s[STEP_COVERED_MS]!;
  if (s[STEP]! >= 0 && covered >= COVERED_SHARE * s[WINDOW_MS]!) {
    takeStep(f, s[STEP]!, (1000 * s[STEP_ARRIVALS]!) / covered);
  }
  s[STEP] = next;
  s[STEP_ARRIVALS] = 0;
  s[STEP_COVERED_MS] = 0;
}

function closeHour(f: RequestForecaster, next: number): void {
  const s = f.scalars;
  const covered = s[HOUR_COVERED_MS]!;
  if (s[HOUR]! >= 0 && covered >= COVERED_SHARE * HOUR_MS) {
    observeHour(f.hourly, s[HOUR]! * HOUR_MS, (1000 * s[HOUR_ARRIVALS]!) / covered);
  }
  s[HOUR] = next;
  s[HOUR_ARRIVALS] = 0;
  s[HOUR_COVERED_MS] = 0;
}

function takeStep(f: RequestForecaster, step: number, rate: number): void {
  const s = f.scalars;
  followLevel(f, rate);
  const z = toScale(scaleOf(f), rate);
  const last = s[LAST_STEP]!;
  observeStep(f.burst, step, last, z, usualAt(f, step * s[WINDOW_MS]!));
  if (last < 0) s[HOUR_Z] = z;
  trackError(f.withinHour, 0, z - s[HOUR_Z]!, 1);
  s[HOUR_Z]! += Math.min(1, (2 * s[WINDOW_MS]!) / (HOUR_MS + s[WINDOW_MS]!)) * (z - s[HOUR_Z]!);
  s[LAST_STEP] = step;
}

function scaleOf(f: RequestForecaster): Scale {
  return { offset: f.scalars[OFFSET]!, logLevel: f.scalars[LOG_LEVEL]! };
}

/** Keeps the scale near the level of the service; its floor is half a request a window. */
function followLevel(f: RequestForecaster, rate: number): void {
  const s = f.scalars;
  const first = s[LEVEL_SEEN]! < 0;
  if (first) s[LEVEL_SEEN] = s[LEVEL] = 0;
  s[LEVEL_SEEN]! += 1;
  s[LEVEL]! += (rate - s[LEVEL]!) / Math.min(s[LEVEL_SEEN]!, LEVEL_WINDOWS);
  const next = scaleFor(s[LEVEL]!, 500 / s[WINDOW_MS]!);
  const old = scaleOf(f);
  const ratio = next.offset / old.offset;
  if (!first && ratio < RESCALE_FACTOR && ratio > 1 / RESCALE_FACTOR) return;
  s[OFFSET] = next.offset;
  s[LOG_LEVEL] = next.logLevel;
  if (first) return;
  const carry = (z: number): number => toScale(next, fromScale(old, z));
  carryLevels(f.burst, carry);
  s[HOUR_Z] = carry(s[HOUR_Z]!);
}

/** Usual value at a time, on the scale of hours, between the middles of hours. */
function usualAt(f: RequestForecaster, timeMs: number): number {
  const { slow, week } = f.hourly.window;
  const position = timeMs / HOUR_MS - 0.5 + HOURS_BEFORE_EPOCH;
  const hour = Math.floor(position);
  const share = position - hour;
  const usual = (t: number): number => slow[t % 24]! + week[t % 168]!;
  return (1 - share) * usual(hour) + share * usual(hour + 1);
}

/**
 * Forecast of arrivals, requests per second, from the step that holds `issuedAt` on; undefined until a window was
 * complete. Near steps come from the bursts, far ones from the hours, with a gradual change in between. The quantiles
 * are those of single windows, also for longer steps: a step holds its bursts.
 */
export function forecastRequests(
  f: RequestForecaster,
  issuedAt: number,
  horizon: RequestHorizon,
): SeriesForecast | undefined {
  const s = f.scalars;
  const { stepMs, steps } = horizon;
  if (s[LAST_STEP]! < 0) return undefined;
  const startsAt = Math.floor(issuedAt / stepMs) * stepMs;
  const values = quantileLevels.map(() => new Float64Array(steps));
  const hours = forecastHours(f.hourly, issuedAt, Math.ceil((steps * stepMs) / HOUR_MS) + 1);
  const near = new Float64Array(quantileLevels.length);
  for (let i = 0; i < steps; i++) {
    const middle = startsAt + (i + 0.5) * stepMs;
    const lead = Math.max(1, Math.floor(middle / s[WINDOW_MS]!) - s[LAST_STEP]!);
    nearQuantiles(f, lead, middle, near);
    const share = hours === undefined ? 0 : farShare(s[WINDOW_MS]!, lead);
    for (let q = 0; q < near.length; q++) {
      const far = share === 0 ? 0 : farQuantile(f, hours!, q, middle, stepMs);
      values[q]![i] = (1 - share) * near[q]! + share * far;
    }
  }
  const skill = hours?.skill ?? 0;
  return { issuedAt, startsAt, stepMs, levels: quantileLevels, values, skill };
}

/** How much the hours say at a lead in windows; windows of an hour have no bursts to tell. */
function farShare(windowMs: number, lead: number): number {
  return windowMs >= HOUR_MS ? 1 : Math.min(1, Math.max(0, (2 * lead) / BURST_LEADS - 1));
}

function nearQuantiles(f: RequestForecaster, lead: number, timeMs: number, out: Float64Array): void {
  const last = f.scalars[LAST_STEP]!;
  const z = forecastStep(f.burst, last, lead, usualAt(f, timeMs));
  const widen = Math.sqrt(Math.max(1, lead / BURST_LEADS));
  const scale = scaleOf(f);
  errorQuantiles(f.burst.tracker, probeOf(lead), out);
  for (let q = 0; q < out.length; q++) out[q] = fromScale(scale, z + widen * out[q]!);
}

const within = new Float64Array(quantileLevels.length);

/** Quantile `q` of an hour; with the spread within an hour on top for shorter steps, as if the two were independent. */
function farQuantile(
  f: RequestForecaster,
  hours: SeriesForecast,
  q: number,
  timeMs: number,
  stepMs: number,
): number {
  const median = hours.values[quantileLevels.indexOf(0.5)]!;
  const at = Math.min(median.length - 1, Math.max(0, Math.floor((timeMs - hours.startsAt) / HOUR_MS)));
  const value = hours.values[q]![at]!;
  if (stepMs >= HOUR_MS) return value;
  errorQuantiles(f.withinHour, 0, within);
  const scale = scaleOf(f);
  const z = toScale(scale, median[at]!);
  const spread = Math.hypot(toScale(scale, value) - z, within[q]!);
  return fromScale(scale, z + Math.sign(within[q]!) * spread);
}
