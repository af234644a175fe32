import {
  type BucketRidge,
  createBucketRidge,
  learnBucket,
  modelCount,
  modelOf,
  predictBucket,
  sampleWeight,
  solveGroup,
} from "./bucket-ridge.ts";
import {
  createIssueCache,
  FEATURES,
  forgetIssues,
  hourlyFeatures,
  type IssueCache,
  LEADS,
  LOOK_BACK_HOURS,
  slowAtIssue,
} from "./hourly-features.ts";
import {
  createHourlyWindow,
  HOUR_MS,
  type HourlyWindow,
  pushHour,
  slotOf,
  startWindow,
  WINDOW_HOURS,
} from "./hourly-window.ts";
import {
  createQuantileTracker,
  errorQuantiles,
  type QuantileTracker,
  quantileLevels,
  trackError,
} from "./quantile-tracker.ts";
import { fromScale, type Scale, scaleFor, toScale } from "./scale.ts";
import type { SeriesForecast } from "./series-forecast.ts";
import { decodeArrays, encodeArrays, type StateArray, type StateFormat } from "./state-bytes.ts";

/** What differs between hourly series. */
export interface HourlyOptions {
  readonly format: StateFormat;
  /** Least offset of the logarithm, in the unit of the series. */
  readonly offsetFloor: number;
  readonly prior: readonly number[];
  /** Groups of target hours that have models of their own: 1, 2, 4, 8 … More learn finer, slower, and take more bytes. */
  readonly hourGroups: number;
}

/** A forecaster of one hourly series: opaque, changed in place, stored bit for bit. */
export interface HourlyForecaster {
  readonly options: HourlyOptions;
  readonly scalars: Float64Array;
  readonly window: HourlyWindow;
  readonly cache: IssueCache;
  readonly ridge: BucketRidge;
  readonly tracker: QuantileTracker;
  /** Mean absolute error of the model, then of persistence, for days 1 to 4. */
  readonly skill: Float32Array;
}

/** Places in `scalars`. Hours are counted from the epoch. */
const FIRST_HOUR = 0;
const LAST_HOUR = 1;
const OFFSET = 2;
const LOG_LEVEL = 3;
const LEVEL = 4;
const LEVEL_SEEN = 5;
const SCALARS = 6;

/** Learning begins when the features of the oldest open issue look back on real hours only. */
const WARM_UP_HOURS = LOOK_BACK_HOURS + 24;
const DAYS = LEADS / 24;
/** Skill is judged over about this many days. */
const SKILL_DAYS = 30;
const LEVEL_HOURS = 24 * 60;
/** The scale is set anew once its offset is off by this factor. */
const RESCALE_FACTOR = 2;

export function createHourlyForecaster(options: HourlyOptions): HourlyForecaster {
  return {
    options,
    scalars: new Float64Array(SCALARS).fill(-1),
    window: createHourlyWindow(),
    cache: createIssueCache(),
    ridge: createBucketRidge(options.prior, options.hourGroups),
    tracker: createQuantileTracker(Array.from({ length: modelCount(options.hourGroups) }, () => 0.2)),
    skill: new Float32Array(2 * DAYS),
  };
}

export function encodeHourlyForecaster(f: HourlyForecaster): Uint8Array {
  return encodeArrays(f.options.format, hourlyArrays(f));
}

export function decodeHourlyForecaster(options: HourlyOptions, bytes: Uint8Array): HourlyForecaster {
  const f = createHourlyForecaster(options);
  decodeArrays(options.format, bytes, hourlyArrays(f));
  return f;
}

/** All that is stored of a forecaster, in a fixed order. */
export function hourlyArrays(f: HourlyForecaster): StateArray[] {
  const { window, ridge, tracker } = f;
  return [
    f.scalars,
    ...Object.values(window as unknown as Record<string, StateArray>),
    ridge.sums.a,
    ridge.sums.b,
    ridge.sums.weights,
    ridge.levels,
    tracker.scale,
    tracker.seen,
    tracker.quantiles,
    f.skill,
  ];
}

/**
 * Takes in the value of the hour that starts at `startsAt`.
 * - Not a number, infinite or negative: ignored, as if missing.
 * - The same or an earlier hour again: a revision. The window is corrected, what was learned before stays.
 * - Hours left out: filled with the forecast of the last hour before them, and learned nothing from.
 */
export function observeHour(f: HourlyForecaster, startsAt: number, value: number): void {
  if (!Number.isFinite(value) || value < 0 || !Number.isFinite(startsAt)) return;
  const t = Math.floor(startsAt / HOUR_MS);
  if (f.scalars[LAST_HOUR]! < 0) start(f, t, value);
  if (t <= f.scalars[LAST_HOUR]!) {
    revise(f, t, value);
    return;
  }
  fillGap(f, t);
  f.scalars[LEVEL_SEEN]! += 1;
  f.scalars[LEVEL]! += (value - f.scalars[LEVEL]!) / Math.min(f.scalars[LEVEL_SEEN]!, LEVEL_HOURS);
  const z = toScale(scaleOf(f), value);
  learn(f, t, z, value);
  push(f, t, z, true);
  if (t % 24 === 23) rescale(f);
}

function scaleOf(f: HourlyForecaster): Scale {
  return { offset: f.scalars[OFFSET]!, logLevel: f.scalars[LOG_LEVEL]! };
}

function setScale(f: HourlyForecaster, scale: Scale): void {
  f.scalars[OFFSET] = scale.offset;
  f.scalars[LOG_LEVEL] = scale.logLevel;
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
  f.window.z[slotOf(t)] = toScale(scaleOf(f), value);
  f.window.observed[slotOf(t)] = 1;
  forgetIssues(f.cache);
}

function push(f: HourlyForecaster, t: number, z: number, observed: boolean): void {
  pushHour(f.window, t, z, observed);
  f.scalars[LAST_HOUR] = t;
  solveGroup(f.ridge, t, f.options.prior);
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

const x = new Float64Array(FEATURES);

/** Forecast on the scale of the hour `lead` after `issue - 1`, from hours before `issue`. */
function predict(f: HourlyForecaster, issue: number, lead: number): number {
  hourlyFeatures(f.window, f.cache, issue, lead, x);
  return (
    slowAtIssue(f.window, issue, lead) + predictBucket(f.ridge, modelOf(f.ridge, issue + lead - 1, lead), x)
  );
}

/** Compares every open forecast of hour `t` with `z` and learns from it; the window does not hold `t` yet. */
function learn(f: HourlyForecaster, t: number, z: number, value: number): void {
  const oldest = Math.max(t - LEADS + 1, f.scalars[FIRST_HOUR]! + 1);
  const scale = scaleOf(f);
  for (let issue = t; issue >= oldest; issue--) {
    const lead = t - issue + 1;
    const model = modelOf(f.ridge, t, lead);
    hourlyFeatures(f.window, f.cache, issue, lead, x);
    const base = slowAtIssue(f.window, issue, lead);
    const forecast = base + predictBucket(f.ridge, model, x);
    trackError(f.tracker, model, z - forecast, sampleWeight(f.ridge, lead));
    trackSkill(f, t, lead, value, fromScale(scale, forecast));
    if (issue >= f.scalars[FIRST_HOUR]! + WARM_UP_HOURS) {
      learnBucket(f.ridge, model, lead, x, z - base, z - forecast);
    }
  }
}

function trackSkill(f: HourlyForecaster, t: number, lead: number, value: number, forecast: number): void {
  const day = Math.floor((lead - 1) / 24);
  const alike = f.window.z[slotOf(t - 24 * (day + 1))]!;
  const rate = 1 / (SKILL_DAYS * 24 * 24);
  const naive = fromScale(scaleOf(f), alike);
  f.skill[day]! += rate * (Math.abs(value - forecast) - f.skill[day]!);
  f.skill[DAYS + day]! += rate * (Math.abs(value - naive) - f.skill[DAYS + day]!);
}

/** Once a day: follows a level that has moved far. Averages and window are carried over, sums stay (they are of differences). */
function rescale(f: HourlyForecaster): void {
  const old = scaleOf(f);
  const next = scaleFor(f.scalars[LEVEL]!, f.options.offsetFloor);
  const ratio = next.offset / old.offset;
  if (ratio < RESCALE_FACTOR && ratio > 1 / RESCALE_FACTOR) return;
  const { z, slowAfter, fastAfter, slow, medium, fast } = f.window;
  for (const array of [z, slowAfter, fastAfter, slow, medium, fast]) {
    for (let i = 0; i < array.length; i++) array[i] = toScale(next, fromScale(old, array[i]!));
  }
  setScale(f, next);
  forgetIssues(f.cache);
}

const offsets = new Float64Array(quantileLevels.length);

/**
 * Quantiles of the `hours` hours from the one that holds `issuedAt`, or from the first that was not observed if that
 * is later. Undefined before the first observation. With the source silent, leads count from the last observation.
 */
export function forecastHours(
  f: HourlyForecaster,
  issuedAt: number,
  hours: number,
): SeriesForecast | undefined {
  const last = f.scalars[LAST_HOUR]!;
  if (last < 0) return undefined;
  const first = Math.max(Math.floor(issuedAt / HOUR_MS), last + 1);
  const scale = scaleOf(f);
  const values = quantileLevels.map(() => new Float64Array(hours));
  for (let i = 0; i < hours; i++) {
    const far = first + i - last;
    const lead = leadWithin(far);
    const widen = Math.sqrt(far / lead);
    const z = predict(f, last + 1, lead);
    errorQuantiles(f.tracker, modelOf(f.ridge, last + lead, lead), offsets);
    for (let q = 0; q < values.length; q++) values[q]![i] = fromScale(scale, z + widen * offsets[q]!);
  }
  return {
    issuedAt,
    startsAt: first * HOUR_MS,
    stepMs: HOUR_MS,
    levels: quantileLevels,
    values,
    skill: skillOf(f),
  };
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
