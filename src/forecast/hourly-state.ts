import { type BucketRidge, createBucketRidge } from "./bucket-ridge.ts";
import { createIssueCache, type IssueCache } from "./hourly-features.ts";
import { createHourlyWindow, type HourlyWindow } from "./hourly-window.ts";
import { LEADS, type ModelLayout } from "./model-layout.ts";
import { createQuantileTracker, type QuantileTracker } from "./quantile-tracker.ts";
import type { Scale } from "./scale.ts";
import type { StateArray, StateFormat } from "./state-bytes.ts";
import { createValueHistory, type ValueHistory } from "./value-history.ts";

/** What differs between hourly series. */
export interface HourlyOptions {
  readonly format: StateFormat;
  /** Least offset of the logarithm, in the unit of the series. */
  readonly offsetFloor: number;
  readonly prior: readonly number[];
  readonly layout: ModelLayout;
}

/** A forecaster of one hourly series: opaque, changed in place, stored bit for bit. */
export interface HourlyForecaster {
  readonly options: HourlyOptions;
  readonly history: ValueHistory;
  readonly scalars: Float64Array;
  readonly window: HourlyWindow;
  readonly cache: IssueCache;
  readonly ridge: BucketRidge;
  readonly tracker: QuantileTracker;
  /** Mean absolute error of the model, then of persistence, for days 1 to 4. */
  readonly skill: Float32Array;
}

/** Places in `scalars`. Hours are counted from the epoch. */
export const FIRST_HOUR = 0;
export const LAST_HOUR = 1;
export const OFFSET = 2;
export const LOG_LEVEL = 3;
export const LEVEL = 4;
export const LEVEL_SEEN = 5;
/** The last hour that was set aside, and on which side of the forecast it lay. */
export const ODD_HOUR = 6;
export const ODD_SIDE = 7;
const SCALARS = 8;

export const DAYS = LEADS / 24;

export function createHourlyForecaster(options: HourlyOptions): HourlyForecaster {
  return {
    options,
    history: createValueHistory(),
    scalars: new Float64Array(SCALARS).fill(-1),
    window: createHourlyWindow(),
    cache: createIssueCache(),
    ridge: createBucketRidge(options.layout, options.prior),
    tracker: createQuantileTracker(Array.from({ length: options.layout.models }, () => 0.2)),
    skill: new Float32Array(2 * DAYS),
  };
}

/** The part of the state that every version of the model shares. */
export function hourlyHistory({ history }: HourlyForecaster): StateArray[] {
  return [history.newest, history.codes];
}

/** All else that is stored of a forecaster, in a fixed order. */
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

export function scaleOf(f: HourlyForecaster): Scale {
  return { offset: f.scalars[OFFSET]!, logLevel: f.scalars[LOG_LEVEL]! };
}

export function setScale(f: HourlyForecaster, scale: Scale): void {
  f.scalars[OFFSET] = scale.offset;
  f.scalars[LOG_LEVEL] = scale.logLevel;
}
