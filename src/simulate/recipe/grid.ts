import { CarmError } from "../../records/index.ts";
import type { GridHour, ScenarioOptions } from "../scenario.ts";
import type { TraceSet } from "../trace-set.ts";
import { HOUR_MS, recipe } from "./constants.ts";
import { localHours } from "./time-zones.ts";

export interface GridParts {
  readonly grid: readonly GridHour[];
  readonly provenance: readonly string[];
}

/**
 * Hours with intensity from the traces, an assumed price by the local hour, and on-site supply whose yearly mean is
 * its share of `maxMeanWatts`. History reaches back as far as the traces have it, at most 90 days.
 */
export async function buildGrid(
  options: ScenarioOptions,
  endsAt: number,
  timeZone: string,
  maxMeanWatts: number,
  traces: TraceSet,
): Promise<GridParts> {
  const { zone, startsAt, onSite } = options;
  const range = await traces.intensityRange(zone);
  if (range !== undefined && (startsAt < range.fromMs || endsAt > range.toMs)) {
    const [first, last] = [range.fromMs, range.toMs - (endsAt - startsAt)].map(day);
    const message = `The recording of ${zone} runs from ${day(range.fromMs)} to ${day(range.toMs)}; ${options.days} days of it start from ${first} to ${last}, not on ${day(startsAt)}.`;
    throw new CarmError("ERR_TRACE_MISSING", message);
  }
  const fromMs = Math.max(startsAt - recipe.gridHistoryMs, range?.fromMs ?? 0);
  const intensity = await traces.intensity(zone, fromMs, endsAt);
  const supply = onSite === null ? null : await traces.onSiteShape(zone, onSite.kind, fromMs, endsAt);
  const meanWatts = (onSite?.share ?? 0) * maxMeanWatts;
  const priceAt = pricesByLocalHour(timeZone);
  const grid = Array.from(intensity, (gco2PerKwh, i) => ({
    startsAt: fromMs + i * HOUR_MS,
    gco2PerKwh,
    pricePerKwh: priceAt(fromMs + i * HOUR_MS),
    onSiteWatts: supply === null ? 0 : supply.values[i]! * meanWatts,
  }));
  const { night, shoulder, peak } = recipe.pricePerKwh;
  const provenance = [
    `Intensity of ${zone}: ${traces.kind === "recorded" ? "recorded" : "a typical day, not a recording"}, hourly, life-cycle.`,
    `Price (assumed): ${night} / ${shoulder} / ${peak} a kWh by hour of ${timeZone}: night 22–6, shoulder, peak 7–10 and 17–20.`,
  ];
  if (onSite !== null && supply !== null) {
    provenance.push(
      `On-site ${onSite.kind}: yearly mean ${onSite.share} of MAX's estimated mean power of ${Math.round(maxMeanWatts)} W (idle boards, jobs and services at the highest clock, times PUE).`,
    );
    if (supply.assumption !== "") provenance.push(supply.assumption);
  }
  return { grid, provenance };
}

function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function pricesByLocalHour(timeZone: string): (atMs: number) => number {
  const hourOf = localHours(timeZone);
  const { night, shoulder, peak } = recipe.pricePerKwh;
  return (atMs) => {
    const hour = hourOf(atMs);
    if (hour >= 22 || hour < 6) return night;
    return (hour >= 7 && hour < 10) || (hour >= 17 && hour < 20) ? peak : shoulder;
  };
}
