import { CarmError } from "../../records/index.ts";
import { standIn } from "../zone-location.ts";
import { readCsv } from "./csv.ts";
import type { TraceFolder } from "./folder.ts";
import { findCsv } from "./folder.ts";
import { type HourlySeries, hourlySeries, hourMs, hoursBetween, valueAt } from "./hours.ts";

export type OnSiteKind = "solar" | "wind";

/** The zone whose shape stands in for zones without a recording. */
export const standInZone = "DE";

/** The year whose supply is used for every year. */
const recordedYear = 2021;
const yearStart = Date.UTC(recordedYear, 0, 1);

/** Zones with recorded generation by source. */
export function generationZones(carbon: TraceFolder): string[] {
  return carbon.files.flatMap(
    (file) => /^carboncast_bench_(.+)_2020_2021\.csv(\.gz)?$/.exec(file)?.[1] ?? [],
  );
}

/**
 * Generation of one kind in one zone over the hours of 2021, scaled to a mean of 1; undefined if the zone has none.
 * Units of the files differ between zones, so only the shape is used.
 */
export async function readShape(
  carbon: TraceFolder,
  zone: string,
  kind: OnSiteKind,
): Promise<HourlySeries | undefined> {
  if (!generationZones(carbon).includes(zone)) return undefined;
  const column = `mw_${kind}`;
  const rows = await readCsv(findCsv(carbon, `carboncast_bench_${zone}_2020_2021`), ["timestamp"], [column]);
  if (rows[0] === undefined || !rows[0].has(column)) return undefined;
  // Small negative values are the own use of plants that stand still.
  const generation = hourlySeries(rows, (row) => Math.max(0, row.number(column)));
  const hours = hoursBetween(yearStart, Date.UTC(recordedYear + 1, 0, 1));
  const values = Float64Array.from(hours, (hour) => valueAt(generation, hour));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (!(mean > 0)) {
    throw new CarmError(
      "ERR_TRACE_MALFORMED",
      `carboncast_bench_${zone}: ${column} has gaps in ${recordedYear}.`,
    );
  }
  return { fromMs: yearStart, values: values.map((value) => value / mean) };
}

/** The zone's own shape, or that of DE moved to the zone's solar time, with the words for the report. */
export async function findShape(
  carbon: TraceFolder,
  zone: string,
  kind: OnSiteKind,
): Promise<{ series: HourlySeries; shiftMs: number; assumption: string }> {
  const own = await readShape(carbon, zone, kind);
  if (own !== undefined) return { series: own, shiftMs: 0, assumption: "" };
  const series = await readShape(carbon, standInZone, kind);
  if (series === undefined) {
    // Throws, naming the file that is needed.
    findCsv(carbon, `carboncast_bench_${standInZone}_2020_2021`);
    throw new CarmError("ERR_TRACE_MISSING", `carboncast_bench_${standInZone} has no ${kind}.`);
  }
  return { series, ...standIn(zone, standInZone, kind) };
}

/** The same hour of the calendar in the recorded year; 29 February is taken from the 28th. */
export function sameHourOfRecordedYear(atMs: number): number {
  const date = new Date(atMs);
  const leapDay = date.getUTCMonth() === 1 && date.getUTCDate() === 29;
  const day = leapDay ? 28 : date.getUTCDate();
  return Math.floor(Date.UTC(recordedYear, date.getUTCMonth(), day, date.getUTCHours()) / hourMs) * hourMs;
}
