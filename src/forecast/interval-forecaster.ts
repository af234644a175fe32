import { forecastHours, observeHour, ownWeights } from "./hourly-forecaster.ts";
import {
  createHourlyForecaster,
  type HourlyForecaster,
  type HourlyOptions,
  hourlyArrays,
  hourlyHistory,
} from "./hourly-state.ts";
import { HOUR_MS, HOURS_BEFORE_EPOCH } from "./hourly-window.ts";
import {
  createNearSteps,
  hasNear,
  hourShare,
  type NearSteps,
  nearArrays,
  nearQuantiles,
  nearStepMs,
  observeNear,
  startNear,
  withinHour,
} from "./near-steps.ts";
import { quantileLevels } from "./quantile-tracker.ts";
import type { IssuedForecast } from "./series-forecast.ts";
import { decodeState, encodeState, type StateArray } from "./state-bytes.ts";
import { replayValues } from "./value-history.ts";

/** What differs between series. */
export interface IntervalOptions {
  readonly hourly: HourlyOptions;
  /** Least offset of the logarithm of single steps of some length, in the unit of the series. */
  readonly stepFloor: (stepMs: number) => number;
}

/**
 * Forecasts a series from means over intervals of any length: days ahead by the hour, and, if its source is finer than
 * an hour, the next steps at the source's own resolution. Opaque, changed in place, stored bit for bit.
 */
export interface IntervalForecaster {
  readonly options: IntervalOptions;
  readonly scalars: Float64Array;
  readonly near: NearSteps;
  readonly hourly: HourlyForecaster;
}

/** What a forecast is to cover. */
export interface ForecastHorizon {
  readonly stepMs: number;
  readonly steps: number;
}

/** Places in `scalars`: up to where intervals came in, and the hour under way. */
const COVERED_TO = 0;
const HOUR = 1;
const HOUR_SUM = 2;
const HOUR_COVERED_MS = 3;
const SCALARS = 4;

/** An hour counts once this share of it was covered by intervals. */
const COVERED_SHARE = 0.5;
/** More is no intensity, supply or rate in any of their units. */
const MAX_VALUE = 1e9;
/** Intervals shorter than this are gathered to it, milliseconds. */
const MIN_STEP_MS = 1000;
/** A source that becomes finer by this factor sets the resolution anew. */
const FINER_FACTOR = 2;

export function createIntervalForecaster(options: IntervalOptions): IntervalForecaster {
  return {
    options,
    scalars: new Float64Array(SCALARS).fill(-1),
    near: createNearSteps(),
    hourly: createHourlyForecaster(options.hourly),
  };
}

function arraysOf(f: IntervalForecaster): StateArray[] {
  return [...hourlyHistory(f.hourly), f.scalars, ...nearArrays(f.near), ...hourlyArrays(f.hourly)];
}

export function encodeIntervalForecaster(f: IntervalForecaster): Uint8Array {
  return encodeState(f.options.hourly.format, arraysOf(f));
}

/**
 * Reads what `encodeIntervalForecaster` wrote. A state of another version of the model is not thrown away: its history,
 * which all versions share, teaches a new model. Throws ERR_STATE_CORRUPT.
 */
export function decodeIntervalForecaster(options: IntervalOptions, bytes: Uint8Array): IntervalForecaster {
  const f = createIntervalForecaster(options);
  if (decodeState(options.hourly.format, bytes, hourlyHistory(f.hourly), arraysOf(f))) return f;
  const remembered = createIntervalForecaster(options);
  replayValues(f.hourly.history, (hour, value) => {
    observeInterval(remembered, (hour - HOURS_BEFORE_EPOCH) * HOUR_MS, HOUR_MS, value);
  });
  return remembered;
}

/**
 * Takes in the mean `value` of an interval. Whole hours that came before are revised. Of a shorter interval only what
 * was not covered before counts: a duplicate changes nothing, a late one is ignored. Time without intervals is a gap,
 * not a time of zeros. What can't be - not a number, negative, above 1e9, before 1970 - is ignored.
 */
export function observeInterval(
  f: IntervalForecaster,
  startsAt: number,
  durationMs: number,
  value: number,
): void {
  if (!(durationMs > 0 && value >= 0 && value <= MAX_VALUE && startsAt >= 0)) return;
  if (!Number.isFinite(durationMs + startsAt)) return;
  const s = f.scalars;
  const endsAt = startsAt + durationMs;
  if (startsAt % HOUR_MS === 0 && durationMs === HOUR_MS && endsAt <= s[COVERED_TO]!) {
    if (startsAt / HOUR_MS < s[HOUR]!) observeHour(f.hourly, startsAt, value);
    return;
  }
  const stepMs = nearStepMs(f.near);
  if (durationMs < HOUR_MS && (stepMs < 0 || durationMs * FINER_FACTOR <= stepMs)) {
    startNear(f.near, Math.max(MIN_STEP_MS, durationMs));
  }
  let at = Math.max(startsAt, s[COVERED_TO]!, endsAt - LONGEST_INTERVAL_MS);
  while (at < endsAt) at = takePart(f, at, endsAt, value);
  s[COVERED_TO] = Math.max(s[COVERED_TO]!, endsAt);
}

/** Of a longer interval only the end is taken in: a mean over more days says nothing of an hour. */
const LONGEST_INTERVAL_MS = 24 * HOUR_MS;

/** Takes in what lies in one hour and one step; returns where it ends. */
function takePart(f: IntervalForecaster, at: number, endsAt: number, value: number): number {
  const s = f.scalars;
  const hour = Math.floor(at / HOUR_MS);
  if (hour !== s[HOUR]) closeHour(f, hour);
  const stepMs = nearStepMs(f.near);
  const stepEnd = stepMs > 0 ? (Math.floor(at / stepMs) + 1) * stepMs : endsAt;
  const to = Math.min(endsAt, stepEnd, (hour + 1) * HOUR_MS);
  s[HOUR_SUM]! += value * (to - at);
  s[HOUR_COVERED_MS]! += to - at;
  if (stepMs > 0) observeNear(f.near, f.hourly, at, to, value, f.options.stepFloor(stepMs));
  if (to >= (hour + 1) * HOUR_MS) closeHour(f, hour + 1);
  return to;
}

/** Ends the hour under way, if it was covered, and begins `next`. */
function closeHour(f: IntervalForecaster, next: number): void {
  const s = f.scalars;
  const covered = s[HOUR_COVERED_MS]!;
  if (s[HOUR]! >= 0 && covered >= COVERED_SHARE * HOUR_MS) {
    observeHour(f.hourly, s[HOUR]! * HOUR_MS, s[HOUR_SUM]! / covered);
  }
  s[HOUR] = next;
  s[HOUR_SUM] = 0;
  s[HOUR_COVERED_MS] = 0;
}

const near = new Float64Array(quantileLevels.length);
const far = new Float64Array(quantileLevels.length);
const MEDIAN = quantileLevels.indexOf(0.5);

/**
 * Forecast from the step that holds `issuedAt` on; undefined until something was taken in. Near steps come from the
 * bursts, far ones from the hours, with a gradual change in between. The quantiles of longer steps are those of single
 * ones: a step holds its bursts.
 */
export function forecastIntervals(
  f: IntervalForecaster,
  issuedAt: number,
  horizon: ForecastHorizon,
): IssuedForecast | undefined {
  const { stepMs, steps } = horizon;
  const startsAt = Math.floor(issuedAt / stepMs) * stepMs;
  const fine = hasNear(f.near);
  if (!fine && stepMs === HOUR_MS) return forecastHours(f.hourly, issuedAt, steps);
  const hours = forecastHours(f.hourly, issuedAt, Math.ceil((steps * stepMs) / HOUR_MS) + 1);
  if (hours === undefined && !fine) return undefined;
  const values = quantileLevels.map(() => new Float64Array(steps));
  const point = new Float64Array(steps);
  for (let i = 0; i < steps; i++) {
    const middle = startsAt + (i + 0.5) * stepMs;
    const share = hours === undefined ? 0 : hourShare(f.near, middle);
    if (share < 1) nearQuantiles(f.near, f.hourly, middle, near);
    const farPoint = share > 0 ? farQuantiles(f, hours!, middle, stepMs, fine) : 0;
    for (let q = 0; q < near.length; q++) values[q]![i] = mixed(near[q]!, far[q]!, share);
    point[i] = mixed(near[MEDIAN]!, farPoint, share);
  }
  const { skill, weights } = hours ?? { skill: 0, weights: ownWeights };
  return { issuedAt, startsAt, stepMs, levels: quantileLevels, values, point, skill, weights };
}

function mixed(nearValue: number, farValue: number, share: number): number {
  if (share === 0) return nearValue;
  return share === 1 ? farValue : nearValue + share * (farValue - nearValue);
}

/** Quantiles of the hour that holds `timeMs`, for shorter steps with the spread within an hour on top; returns its point. */
function farQuantiles(
  f: IntervalForecaster,
  hours: IssuedForecast,
  timeMs: number,
  stepMs: number,
  fine: boolean,
): number {
  const last = hours.point.length - 1;
  const at = Math.min(last, Math.max(0, Math.floor((timeMs - hours.startsAt) / HOUR_MS)));
  for (let q = 0; q < far.length; q++) far[q] = hours.values[q]![at]!;
  if (fine && stepMs < HOUR_MS) withinHour(f.near, far, far[MEDIAN]!, far);
  return hours.point[at]!;
}
