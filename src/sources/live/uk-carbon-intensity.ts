import { z } from "zod";
import type { GridReading, GridSource } from "./grid-source.ts";
import { getJson } from "./http.ts";

export interface UkCarbonIntensityOptions {
  readonly baseUrl?: string;
}

const HALF_HOUR_MS = 1_800_000;

/** Times come without seconds: 2018-01-20T12:00Z. */
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/)
  .transform(Date.parse);
const shape = z.object({
  data: z.array(
    z.object({
      from: time,
      to: time,
      intensity: z.object({ forecast: z.number().nullable(), actual: z.number().nullable() }),
    }),
  ),
});

/**
 * The Carbon Intensity API of NESO for Great Britain: half hours of the last day and of the next two. No key. A half
 * hour that is over and has no actual value yet counts as estimated, by its forecast. The API does not say when a
 * forecast was issued: the start of the half hour of asking is taken.
 */
export function ukCarbonIntensity(options: UkCarbonIntensityOptions = {}): GridSource {
  const window = async (nowMs: number, span: "pt24h" | "fw48h") => {
    const from = new Date(nowMs).toISOString().slice(0, 16);
    const url = new URL(
      `/intensity/${from}Z/${span}`,
      options.baseUrl ?? "https://api.carbonintensity.org.uk",
    );
    return (await getJson({ provider: "UK Carbon Intensity", url }, shape)).data;
  };
  return {
    provider: "uk-carbon-intensity",
    zone: "GB",
    signal: "average",
    read: async (nowMs) => {
      const halfHours = new Map(
        [...(await window(nowMs, "pt24h")), ...(await window(nowMs, "fw48h"))].map((one) => [one.from, one]),
      );
      return [...halfHours.values()].flatMap(({ from, to, intensity }): GridReading[] => {
        const common = { startsAt: from, durationMs: to - from };
        if (intensity.actual !== null) {
          return [{ ...common, gco2PerKwh: intensity.actual, kind: "measured", issuedAt: null }];
        }
        if (intensity.forecast === null) return [];
        const gco2PerKwh = intensity.forecast;
        if (to <= nowMs) return [{ ...common, gco2PerKwh, kind: "estimated", issuedAt: null }];
        const issuedAt = Math.floor(nowMs / HALF_HOUR_MS) * HALF_HOUR_MS;
        return [{ ...common, gco2PerKwh, kind: "forecast", issuedAt }];
      });
    },
  };
}
