import { hourlyPrior } from "./hourly-prior.ts";
import { HOUR_MS } from "./hourly-window.ts";
import {
  createIntervalForecaster,
  decodeIntervalForecaster,
  encodeIntervalForecaster,
  type ForecastHorizon,
  forecastIntervals,
  type IntervalForecaster,
  type IntervalOptions,
  observeInterval,
} from "./interval-forecaster.ts";
import { coarseLayout, fineLayout } from "./model-layout.ts";
import type { IssuedForecast } from "./series-forecast.ts";

/** Carbon intensity of one grid zone, g/kWh. */
export type IntensityForecaster = IntervalForecaster;
/** On-site renewable supply of one cluster, watts. */
export type SupplyForecaster = IntervalForecaster;
/** Arrivals of one service, requests per second. */
export type RequestForecaster = IntervalForecaster;

/** Hours that a forecast covers unless asked otherwise. */
export const FORECAST_HOURS = 96;
const VERSION = 2;

/** Below 2 g/kWh an error is of no consequence, and a logarithm would magnify it. */
const INTENSITY_FLOOR = 2;
/** Watts: the draw of an idle GPU board. */
const SUPPLY_FLOOR = 20;
/** One request in a quarter of an hour; of single windows half a request each. */
const REQUEST_FLOOR = 0.001;

const intensityOptions: IntervalOptions = {
  hourly: {
    format: { kind: 1, version: VERSION },
    offsetFloor: INTENSITY_FLOOR,
    prior: hourlyPrior,
    layout: fineLayout,
  },
  stepFloor: () => INTENSITY_FLOOR,
};
const supplyOptions: IntervalOptions = {
  hourly: {
    format: { kind: 2, version: VERSION },
    offsetFloor: SUPPLY_FLOOR,
    prior: hourlyPrior,
    layout: fineLayout,
  },
  stepFloor: () => SUPPLY_FLOOR,
};
const requestOptions: IntervalOptions = {
  hourly: {
    format: { kind: 3, version: VERSION },
    offsetFloor: REQUEST_FLOOR,
    prior: hourlyPrior,
    layout: coarseLayout,
  },
  stepFloor: (stepMs) => 500 / stepMs,
};

/** `prior` is for experiments: where the weights of the regressions start (see hourly-prior). */
export function createIntensityForecaster(prior?: readonly number[]): IntensityForecaster {
  if (prior === undefined) return createIntervalForecaster(intensityOptions);
  return createIntervalForecaster({ ...intensityOptions, hourly: { ...intensityOptions.hourly, prior } });
}

export function createSupplyForecaster(): SupplyForecaster {
  return createIntervalForecaster(supplyOptions);
}

export function createRequestForecaster(): RequestForecaster {
  return createIntervalForecaster(requestOptions);
}

/** Takes in the mean intensity, g/kWh, from `startsAt` on, epoch milliseconds (see observeInterval for dirty input). */
export function observeIntensity(
  f: IntensityForecaster,
  startsAt: number,
  gco2PerKwh: number,
  durationMs: number = HOUR_MS,
): void {
  observeInterval(f, startsAt, durationMs, gco2PerKwh);
}

/** Takes in the mean supply, watts, from `startsAt` on, epoch milliseconds (see observeInterval for dirty input). */
export function observeSupply(
  f: SupplyForecaster,
  startsAt: number,
  watts: number,
  durationMs: number = HOUR_MS,
): void {
  observeInterval(f, startsAt, durationMs, watts);
}

/** Takes in a window of `arrivals` requests. The first window sets the resolution of the next minutes. */
export function observeRequests(
  f: RequestForecaster,
  startsAt: number,
  durationMs: number,
  arrivals: number,
): void {
  observeInterval(f, startsAt, durationMs, (1000 * arrivals) / durationMs);
}

/** Forecast in g/kWh, by the hour; undefined until something was observed. */
export function forecastIntensity(
  f: IntensityForecaster,
  issuedAt: number,
  hours: number = FORECAST_HOURS,
): IssuedForecast | undefined {
  return forecastIntervals(f, issuedAt, { stepMs: HOUR_MS, steps: hours });
}

/** Forecast in watts, by the hour; undefined until something was observed. */
export function forecastSupply(
  f: SupplyForecaster,
  issuedAt: number,
  hours: number = FORECAST_HOURS,
): IssuedForecast | undefined {
  return forecastIntervals(f, issuedAt, { stepMs: HOUR_MS, steps: hours });
}

/** Forecast in requests per second; undefined until a window was complete. */
export function forecastRequests(
  f: RequestForecaster,
  issuedAt: number,
  horizon: ForecastHorizon,
): IssuedForecast | undefined {
  return forecastIntervals(f, issuedAt, horizon);
}

/** Bytes of any of them, see decodeIntervalForecaster. */
export const encodeForecaster: (f: IntervalForecaster) => Uint8Array = encodeIntervalForecaster;

export function decodeIntensityForecaster(bytes: Uint8Array): IntensityForecaster {
  return decodeIntervalForecaster(intensityOptions, bytes);
}

export function decodeSupplyForecaster(bytes: Uint8Array): SupplyForecaster {
  return decodeIntervalForecaster(supplyOptions, bytes);
}

export function decodeRequestForecaster(bytes: Uint8Array): RequestForecaster {
  return decodeIntervalForecaster(requestOptions, bytes);
}
