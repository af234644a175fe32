import { forecastHours, observeHour } from "./hourly-forecaster.ts";
import { hourlyPrior } from "./hourly-prior.ts";
import {
  createHourlyForecaster,
  decodeHourlyForecaster,
  encodeHourlyForecaster,
  type HourlyForecaster,
  type HourlyOptions,
} from "./hourly-state.ts";
import { fineLayout } from "./model-layout.ts";
import type { SeriesForecast } from "./series-forecast.ts";

/** Forecasts the carbon intensity of one grid zone, hour by hour. Opaque: use the functions of this file. */
export interface IntensityForecaster {
  readonly kind: "intensity";
  readonly hourly: HourlyForecaster;
}

/** Hours that a forecast covers unless asked otherwise. */
export const FORECAST_HOURS = 96;

const options: HourlyOptions = {
  format: { kind: 1, version: 1 },
  /** g/kWh: below it an error is of no consequence, and a logarithm would magnify it. */
  offsetFloor: 2,
  prior: hourlyPrior,
  layout: fineLayout,
};

export function createIntensityForecaster(): IntensityForecaster {
  return { kind: "intensity", hourly: createHourlyForecaster(options) };
}

/** Takes in the mean intensity, g/kWh, of the hour that starts at `hourStartsAt`, epoch milliseconds (see observeHour for dirty input). */
export function observeIntensity(f: IntensityForecaster, hourStartsAt: number, gco2PerKwh: number): void {
  observeHour(f.hourly, hourStartsAt, gco2PerKwh);
}

/** Forecast in g/kWh; undefined until an hour was observed. */
export function forecastIntensity(
  f: IntensityForecaster,
  issuedAt: number,
  hours: number = FORECAST_HOURS,
): SeriesForecast | undefined {
  return forecastHours(f.hourly, issuedAt, hours);
}

export function encodeIntensityForecaster(f: IntensityForecaster): Uint8Array {
  return encodeHourlyForecaster(f.hourly);
}

/** Throws ERR_STATE_VERSION or ERR_STATE_CORRUPT. */
export function decodeIntensityForecaster(bytes: Uint8Array): IntensityForecaster {
  return { kind: "intensity", hourly: decodeHourlyForecaster(options, bytes) };
}
