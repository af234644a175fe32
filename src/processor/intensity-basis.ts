import type { SeriesForecast } from "../forecast/index.ts";
import type { Context } from "./context.ts";
import { newestKnownAt } from "./grid-hours.ts";
import { limits } from "./limits.ts";

/**
 * What timing goes by: the forecast while the grid's source speaks; once it has been silent for long, the usual day,
 * which is what a forecast of that age comes to; then, or where the forecast has shown no skill lately, nothing: only
 * energy is saved.
 */
export type IntensityBasis = "forecast" | "climatology" | "none";

export function intensityBasis(context: Context, forecast: SeriesForecast | undefined): IntensityBasis {
  if (forecast === undefined || forecast.skill <= limits.intensitySkillMin) return "none";
  const silentMs = context.nowMs - (newestKnownAt(context) ?? Number.NEGATIVE_INFINITY);
  if (silentMs <= limits.intensityForecastMs) return "forecast";
  return silentMs <= limits.intensityClimatologyMs ? "climatology" : "none";
}

const suffixes: Record<IntensityBasis, string> = {
  forecast: "",
  climatology: "-climatology",
  none: "-no-forecast",
};

/** The code of a reason, with what timing went by where it was not the forecast. */
export function reasonCode(code: string, basis: IntensityBasis): string {
  return code + suffixes[basis];
}
