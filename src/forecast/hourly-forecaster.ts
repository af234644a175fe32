import { solveDue } from "./bucket-ridge.ts";
import { forgetIssues } from "./hourly-features.ts";
import { learn, predict, WARM_UP_HOURS } from "./hourly-learning.ts";
import {
  DAYS,
  FIRST_HOUR,
  type HourlyForecaster,
  LAST_HOUR,
  LEVEL,
  LEVEL_SEEN,
  ODD_HOUR,
  ODD_SIDE,
  scaleOf,
  setScale,
} from "./hourly-state.ts";
import {
  correctHour,
  HOUR_MS,
  HOURS_BEFORE_EPOCH,
  hourOf,
  pushHour,
  slotOf,
  startWindow,
  WINDOW_HOURS,
} from "./hourly-window.ts";
import { LEADS } from "./model-layout.ts";
import { errorQuantiles, quantileLevels } from "./quantile-tracker.ts";
import { fromScale, scaleFor, toScale } from "./scale.ts";
import type { IssuedForecast, MemberWeight } from "./series-forecast.ts";
import { noteValue } from "./value-history.ts";

/** An hour is odd if it is off by this many times the usual error of the next hour. */
const ODD_ERRORS = 12;
const LEVEL_HOURS = 24 * 60;
/** An hour that comes later than this teaches the regressions no more. */
const LATE_HOURS = 24;
/** The scale is set anew once its offset is off by this factor. */
const RESCALE_FACTOR = 4;
/** A young scale follows the level every day. */
const YOUNG_HOURS = 28 * 24;

/**
 * Takes in the value of the hour that starts at `startsAt`.
 * - Not a number, infinite or negative, or before 1970: ignored, as if missing.
 * - The same hour again: a revision. Window and averages are corrected, what the regressions learned stays.
 * - An hour that was left out comes late: as a revision, and learned from if it is not older than a day.
 * - A single hour far off the forecast: set aside like a missing one, unless the next hour confirms it.
 * - Hours left out: filled with the forecast of the last hour before them, and learned nothing from.
 */
export function observeHour(f: HourlyForecaster, startsAt: number, value: number): void {
  if (!Number.isFinite(value) || value < 0 || !Number.isFinite(startsAt) || startsAt < 0) return;
  const t = hourOf(startsAt);
  noteValue(f.history, t, value);
  if (f.scalars[LAST_HOUR]! < 0) start(f, t, value);
  if (t <= f.scalars[LAST_HOUR]!) {
    revise(f, t, value);
    return;
  }
  fillGap(f, t);
  const z = toScale(scaleOf(f), value);
  if (setAside(f, t, z)) {
    push(f, t, predict(f, t, 1), false);
    return;
  }
  f.scalars[LEVEL_SEEN]! += 1;
  f.scalars[LEVEL]! += (value - f.scalars[LEVEL]!) / Math.min(f.scalars[LEVEL_SEEN]!, LEVEL_HOURS);
  learn(f, t, z);
  push(f, t, z, true);
  if (t % 24 === 23) rescale(f);
}

/**
 * True for an hour that lies far off the forecast, as outages and faulty meters make it. A second one on the same
 * side right after it is believed: then the world has changed.
 */
function setAside(f: HourlyForecaster, t: number, z: number): boolean {
  if (t < f.scalars[FIRST_HOUR]! + WARM_UP_HOURS) return false;
  const error = z - predict(f, t, 1);
  const usual = f.tracker.scale[f.options.layout.modelOf(t, 1)]!;
  if (Math.abs(error) <= ODD_ERRORS * usual) return false;
  const confirmed = f.scalars[ODD_HOUR] === t - 1 && f.scalars[ODD_SIDE] === Math.sign(error);
  f.scalars[ODD_HOUR] = t;
  f.scalars[ODD_SIDE] = Math.sign(error);
  return !confirmed;
}

function start(f: HourlyForecaster, t: number, value: number): void {
  setScale(f, scaleFor(value, f.options.offsetFloor));
  startWindow(f.window, toScale(scaleOf(f), value));
  f.scalars[FIRST_HOUR] = t;
  f.scalars[LAST_HOUR] = t - 1;
  f.scalars[LEVEL] = value;
  f.scalars[LEVEL_SEEN] = 0;
}

function revise(f: HourlyForecaster, t: number, value: number): void {
  const last = f.scalars[LAST_HOUR]!;
  if (t <= last - WINDOW_HOURS || t < f.scalars[FIRST_HOUR]!) return;
  const z = toScale(scaleOf(f), value);
  if (f.window.observed[slotOf(t)] === 0 && t > last - LATE_HOURS) learn(f, t, z);
  correctHour(f.window, last, t, z);
  forgetIssues(f.cache);
}

function push(f: HourlyForecaster, t: number, z: number, observed: boolean): void {
  pushHour(f.window, t, z, observed);
  f.scalars[LAST_HOUR] = t;
  solveDue(f.ridge, t);
}

/** Fills the hours between the last one and `t`; of a gap longer than the window, its end. */
function fillGap(f: HourlyForecaster, t: number): void {
  const last = f.scalars[LAST_HOUR]!;
  const from = Math.max(last + 1, t - WINDOW_HOURS);
  const fill: number[] = [];
  for (let hour = from; hour < t; hour++) fill.push(predict(f, last + 1, leadWithin(hour - last)));
  for (let i = 0; i < fill.length; i++) push(f, from + i, fill[i]!, false);
  if (from > last + 1) forgetIssues(f.cache);
}

/** A lead beyond the last one is forecast like the last lead of the same hour of day. */
function leadWithin(lead: number): number {
  return lead <= LEADS ? lead : LEADS - 23 + ((lead - LEADS - 1) % 24);
}

/** Once a day: follows a level that has moved far. Averages and window are carried over, sums stay (they are of differences). */
function rescale(f: HourlyForecaster): void {
  const old = scaleOf(f);
  const next = scaleFor(f.scalars[LEVEL]!, f.options.offsetFloor);
  const ratio = next.offset / old.offset;
  const young = f.scalars[LEVEL_SEEN]! <= YOUNG_HOURS;
  if (!young && ratio < RESCALE_FACTOR && ratio > 1 / RESCALE_FACTOR) return;
  const { z, slowAfter, fastAfter, slow, fast } = f.window;
  for (const array of [z, slowAfter, fastAfter, slow, fast]) {
    for (let i = 0; i < array.length; i++) array[i] = toScale(next, fromScale(old, array[i]!));
  }
  setScale(f, next);
  forgetIssues(f.cache);
}

/**
 * Errors are tracked with weights that have learned since the issue, so they are a little too small, the more the
 * further ahead: by this share at the last lead. Measured in 2022 over 14 zones.
 */
const HINDSIGHT = 0.06;
const offsets = new Float64Array(quantileLevels.length);

/**
 * Quantiles of the `hours` hours from the one that holds `issuedAt`, or from the first that was not observed if that
 * is later. Undefined before the first observation. With the source silent, leads count from the last observation.
 */
export function forecastHours(
  f: HourlyForecaster,
  issuedAt: number,
  hours: number,
): IssuedForecast | undefined {
  const last = f.scalars[LAST_HOUR]!;
  if (last < 0) return undefined;
  const first = Math.max(hourOf(issuedAt), last + 1);
  const scale = scaleOf(f);
  const values = quantileLevels.map(() => new Float64Array(hours));
  const point = new Float64Array(hours);
  for (let i = 0; i < hours; i++) {
    const far = first + i - last;
    const lead = leadWithin(far);
    const widen = Math.sqrt(far / lead) * (1 + (HINDSIGHT * lead) / LEADS);
    const z = predict(f, last + 1, lead);
    const model = f.options.layout.modelOf(last + lead, lead);
    errorQuantiles(f.tracker, model, offsets);
    point[i] = fromScale(scale, z - pointBelow(f.tracker.scale[model]!));
    for (let q = 0; q < values.length; q++) values[q]![i] = fromScale(scale, z + widen * offsets[q]!);
  }
  return {
    issuedAt,
    startsAt: (first - HOURS_BEFORE_EPOCH) * HOUR_MS,
    stepMs: HOUR_MS,
    levels: quantileLevels,
    values,
    point,
    skill: skillOf(f),
    weights: ownWeights,
  };
}

/** Name and version of the model, as published. */
export const MODEL_NAME = "carm-2";
export const ownWeights: readonly MemberWeight[] = [{ member: MODEL_NAME, weight: 1 }];

/**
 * How far the point lies below the median, on the logarithmic scale, for errors of mean size `meanError`. For normal
 * errors of variance v the absolute error is least at the median and the relative one v below it; the absolute one
 * hardly grows close to its minimum while the relative one falls steadily, so a little of the way is good for both.
 */
function pointBelow(meanError: number): number {
  return (POINT_SHARE * (meanError * meanError * Math.PI)) / 2;
}

/** Tried against 0, with 2022 and 2023 in sight: trades a little of the absolute error for the relative one. */
const POINT_SHARE = 0.2;

/**
 * What is expected around `timeMs`, in the unit of the series, on a line between the middles of hours; of the past what
 * was observed. Undefined until an hour was observed.
 */
export function expectedNear(f: HourlyForecaster, timeMs: number): number | undefined {
  const last = f.scalars[LAST_HOUR]!;
  if (last < 0) return undefined;
  const position = timeMs / HOUR_MS - 0.5 + HOURS_BEFORE_EPOCH;
  const hour = Math.floor(position);
  const at = (t: number): number =>
    t <= last
      ? f.window.z[slotOf(Math.max(t, last - WINDOW_HOURS + 1))]!
      : predict(f, last + 1, leadWithin(t - last));
  return fromScale(scaleOf(f), at(hour) + (position - hour) * (at(hour + 1) - at(hour)));
}

function skillOf(f: HourlyForecaster): number {
  let model = 0;
  let naive = 0;
  for (let day = 0; day < DAYS; day++) {
    model += f.skill[day]!;
    naive += f.skill[DAYS + day]!;
  }
  return naive > 0 ? 1 - model / naive : 0;
}
