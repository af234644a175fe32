import { forecastHours, observeHour } from "./hourly-forecaster.ts";
import { hourlyPrior } from "./hourly-prior.ts";
import {
  createHourlyForecaster,
  decodeHourlyForecaster,
  encodeHourlyForecaster,
  type HourlyForecaster,
  type HourlyOptions,
} from "./hourly-state.ts";
import { FORECAST_HOURS } from "./intensity-forecaster.ts";
import { fineLayout } from "./model-layout.ts";
import type { SeriesForecast } from "./series-forecast.ts";

/** Forecasts the on-site renewable supply of one cluster, hour by hour. Opaque: use the functions of this file. */
export interface SupplyForecaster {
  readonly kind: "supply";
  readonly hourly: HourlyForecaster;
}

const options: HourlyOptions = {
  format: { kind: 2, version: 1 },
  /** Watts: the draw of an idle GPU board; below it an error is of no consequence. */
  offsetFloor: 20,
  prior: hourlyPrior,
  layout: fineLayout,
};

export function createSupplyForecaster(): SupplyForecaster {
  return { kind: "supply", hourly: createHourlyForecaster(options) };
}

/** Takes in the mean supply, watts, of the hour that starts at `hourStartsAt`, epoch milliseconds (see observeHour for dirty input). */
export function observeSupply(f: SupplyForecaster, hourStartsAt: number, watts: number): void {
  observeHour(f.hourly, hourStartsAt, watts);
}

/** Forecast in watts; undefined until an hour was observed. */
export function forecastSupply(
  f: SupplyForecaster,
  issuedAt: number,
  hours: number = FORECAST_HOURS,
): SeriesForecast | undefined {
  return forecastHours(f.hourly, issuedAt, hours);
}

export function encodeSupplyForecaster(f: SupplyForecaster): Uint8Array {
  return encodeHourlyForecaster(f.hourly);
}

/** Throws ERR_STATE_VERSION or ERR_STATE_CORRUPT. */
export function decodeSupplyForecaster(bytes: Uint8Array): SupplyForecaster {
  return { kind: "supply", hourly: decodeHourlyForecaster(options, bytes) };
}
