import {
  blendProviders,
  forecastIntensity,
  forecastRequests,
  forecastSupply,
  type IssuedForecast,
  MODEL_NAME,
  type SeriesForecast,
} from "../forecast/index.ts";
import { HOUR_MS } from "../ledger/index.ts";
import type { Quantity } from "../records/index.ts";
import { type Context, declaration } from "./context.ts";
import { limits } from "./limits.ts";
import { arrivalsKind, intensityKind, providerKind, serviceKind, supplyKind } from "./state-kinds.ts";

/** Assumed where nothing was ever observed: about the world's mean of 2022, g/kWh (Ember, Global Electricity Review 2023: 436). */
const UNKNOWN_GCO2_PER_KWH = 436;

/** Quantile levels that are published. */
const publishedLevels = [0.05, 0.5, 0.95];

/** Our own forecast of the grid's intensity, by the hour, with the say of the providers that were heard. */
export function intensityForecast(context: Context): IssuedForecast | undefined {
  const forecaster = context.state.get(intensityKind, context.cluster, "");
  const own = forecaster && forecastIntensity(forecaster, context.nowMs, limits.horizonHoursMax);
  const providers = new Map(context.state.range(providerKind, context.cluster));
  return own && blendProviders(own, forecaster, providers);
}

export function supplyForecast(context: Context): IssuedForecast | undefined {
  const forecaster = context.state.get(supplyKind, context.cluster, "");
  return forecaster && forecastSupply(forecaster, context.nowMs, limits.horizonHoursMax);
}

/** Arrivals of a service, requests per second. */
export function arrivalsForecast(
  context: Context,
  service: string,
  stepMs: number,
  steps: number,
): IssuedForecast | undefined {
  const forecaster = context.state.get(arrivalsKind, context.cluster, service);
  return forecaster && forecastRequests(forecaster, context.nowMs, { stepMs, steps });
}

/** Median intensity expected for an hour that was not measured. */
export function expectedIntensity(context: Context, hourStartsAt: number): number {
  const forecast = intensityForecast(context);
  return forecast === undefined ? UNKNOWN_GCO2_PER_KWH : valueAt(forecast, 0.5, hourStartsAt);
}

/** The value of a quantile at a time; before the first and after the last step the nearest one holds. */
export function valueAt(forecast: SeriesForecast, level: number, timeMs: number): number {
  const values = forecast.values[forecast.levels.indexOf(level)] as Float64Array;
  const step = Math.floor((timeMs - forecast.startsAt) / forecast.stepMs);
  return values[Math.min(values.length - 1, Math.max(0, step))] as number;
}

/** Publishes what is expected now of the grid, the on-site supply and each service. */
export function publishGridForecasts(context: Context): void {
  if (context.isBehind) return;
  const zone = declaration(context)?.zone ?? "";
  publish(context, "grid_intensity", zone, intensityForecast(context));
  publish(context, "on_site_watts", zone, supplyForecast(context));
  for (const [id] of context.state.range(serviceKind, context.cluster)) {
    publish(context, "request_rate", id, arrivalsForecast(context, id, HOUR_MS, limits.horizonHoursMin));
  }
}

function publish(
  context: Context,
  quantity: Quantity,
  subject: string,
  forecast: IssuedForecast | undefined,
): void {
  if (forecast === undefined) return;
  const levels = forecast.levels.filter((level) => publishedLevels.includes(level));
  context.outputs.push({
    topic: "carm.forecasts",
    value: {
      cluster: context.cluster,
      observedAt: context.nowMs,
      quantity,
      subject,
      model: MODEL_NAME,
      weights: forecast.weights.map(({ member, weight }) => ({ member, weight })),
      skill: forecast.skill,
      startsAt: forecast.startsAt,
      stepMs: forecast.stepMs,
      levels,
      values: levels.map((level) =>
        Array.from(forecast.values[forecast.levels.indexOf(level)] as Float64Array),
      ),
    },
  });
}
