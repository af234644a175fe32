import { CarmError } from "../../records/index.ts";
import type { CsvRow } from "./csv.ts";

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
export const weekMs = 7 * dayMs;
/** A Monday, 00:00 UTC: where weeks are counted from. */
export const mondayMs = Date.UTC(1970, 0, 5);

/** Consecutive hours; NaN where there is no value. */
export interface HourlySeries {
  readonly fromMs: number;
  readonly values: Float64Array;
}

/** Rows in any order; the later one of two for the same hour counts. */
export function hourlySeries(rows: readonly CsvRow[], readValue: (row: CsvRow) => number): HourlySeries {
  const byHour = new Map<number, number>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const hour = row.time("timestamp");
    if (hour % hourMs !== 0) throw row.malformed("timestamp is not a full hour");
    byHour.set(hour, readValue(row));
    first = Math.min(first, hour);
    last = Math.max(last, hour);
  }
  if (byHour.size === 0)
    throw new CarmError("ERR_TRACE_MALFORMED", "A trace file has a header, but no rows.");
  const values = new Float64Array((last - first) / hourMs + 1).fill(Number.NaN);
  for (const [hour, value] of byHour) values[(hour - first) / hourMs] = value;
  return { fromMs: first, values };
}

/** End of the series: the start of the hour after its last. */
export function endOf(series: HourlySeries): number {
  return series.fromMs + series.values.length * hourMs;
}

/** Value of the hour that holds `atMs`; NaN where there is none. */
export function valueAt(series: HourlySeries, atMs: number): number {
  return series.values[Math.floor((atMs - series.fromMs) / hourMs)] ?? Number.NaN;
}

/** The starts of the hours in [fromMs, toMs). */
export function hoursBetween(fromMs: number, toMs: number): number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil((toMs - fromMs) / hourMs)) },
    (_, i) => fromMs + i * hourMs,
  );
}

export function iso(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16)}Z`;
}
