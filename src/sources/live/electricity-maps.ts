import { z } from "zod";
import type { GridReading, GridSource } from "./grid-source.ts";
import { getJson, type HttpRequest } from "./http.ts";

export interface ElectricityMapsOptions {
  readonly zone: string;
  readonly token: string;
  readonly emissionFactors: "lifecycle" | "direct";
  /** Not every plan has forecasts. */
  readonly withForecast: boolean;
  readonly baseUrl?: string;
}

const HOUR_MS = 3_600_000;
const FORECAST_HOURS = 72;

const time = z.iso.datetime({ offset: true }).transform(Date.parse);
const historyShape = z.object({
  history: z.array(
    z.object({
      carbonIntensity: z.number().nullable(),
      datetime: time,
      isEstimated: z.boolean().optional(),
    }),
  ),
});
const forecastShape = z.object({
  forecast: z.array(z.object({ carbonIntensity: z.number().nullable(), datetime: time })),
  updatedAt: time,
});

/**
 * Electricity Maps, API v3: the last 24 hours, which it revises, and a forecast of 72 hours. Hours that it has no
 * value for are left out.
 */
export function electricityMaps(options: ElectricityMapsOptions): GridSource {
  const { zone, token, emissionFactors, withForecast } = options;
  const request = (path: string, query: Record<string, string>): HttpRequest => {
    const url = new URL(`/v3/carbon-intensity/${path}`, options.baseUrl ?? "https://api.electricitymaps.com");
    url.search = new URLSearchParams({ zone, emissionFactorType: emissionFactors, ...query }).toString();
    return {
      provider: "Electricity Maps",
      url,
      headers: { "auth-token": token },
      credentials: "the token and the plan's zones",
    };
  };
  const past = async (): Promise<GridReading[]> => {
    const { history } = await getJson(request("history", { temporalGranularity: "hourly" }), historyShape);
    return history.flatMap(({ carbonIntensity, datetime, isEstimated }) =>
      carbonIntensity === null
        ? []
        : [reading(datetime, carbonIntensity, isEstimated === true ? "estimated" : "measured", null)],
    );
  };
  const future = async (): Promise<GridReading[]> => {
    const horizonHours = String(FORECAST_HOURS);
    const { forecast, updatedAt } = await getJson(request("forecast", { horizonHours }), forecastShape);
    return forecast.flatMap(({ carbonIntensity, datetime }) =>
      carbonIntensity === null ? [] : [reading(datetime, carbonIntensity, "forecast", updatedAt)],
    );
  };
  return {
    provider: "electricity-maps",
    zone,
    signal: "average",
    read: async () => [...(await past()), ...(withForecast ? await future() : [])],
  };
}

function reading(
  startsAt: number,
  gco2PerKwh: number,
  kind: GridReading["kind"],
  issuedAt: number | null,
): GridReading {
  return { startsAt, durationMs: HOUR_MS, gco2PerKwh, kind, issuedAt };
}
