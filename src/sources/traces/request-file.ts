import { basename } from "node:path";
import { CarmError } from "../../records/index.ts";
import { type CsvRow, readCsv } from "./csv.ts";
import { hourMs, mondayMs, weekMs } from "./hours.ts";
import { fillGaps, type RecordedRate, usualWeeklyPeak } from "./request-rate.ts";
import { interpolate } from "./resample.ts";

/** The first of these that the file has is its value; only the shape counts. */
const valueColumns = ["requests_per_s", "rate_rps", "requests_per_hour", "requests", "value"];
const seriesColumns = ["service", "model"];

/**
 * Request rates from a user's file: `timestamp` (or `offset_s`, counted from a Monday 00:00 UTC), one value column, and
 * `service` or `model` where there is more than one series. Steps of equal length, at most an hour; gaps are bridged. Outside
 * the recording its whole weeks repeat, or its days where it is shorter than a week. Each is scaled to a usual weekly peak of 1.
 * Throws ERR_TRACE_MISSING, or ERR_TRACE_MALFORMED with file and line.
 */
export async function readRequestFile(path: string): Promise<RecordedRate[]> {
  const optional = ["timestamp", "offset_s", ...valueColumns, ...seriesColumns];
  const rows = await readCsv(path, [], optional);
  const file = basename(path);
  const refuse = (what: string): never => {
    throw new CarmError("ERR_TRACE_MALFORMED", `${file}, line 1: ${what}`);
  };
  const first = rows[0] ?? refuse("there are no rows");
  const value = valueColumns.find((name) => first.has(name));
  if (value === undefined) return refuse(`there is no column of values: ${valueColumns.join(", ")}`);
  const hasTime = first.has("timestamp");
  if (!hasTime && !first.has("offset_s")) return refuse("there is no column timestamp or offset_s");
  const series = seriesColumns.find((name) => first.has(name));
  const timeOf = (row: CsvRow) =>
    hasTime ? row.time("timestamp") : mondayMs + Math.round(row.number("offset_s") * 1000);
  const groups = Map.groupBy(rows, (row) => (series === undefined ? "" : row.text(series)));
  return [...groups.values()].map((group) => rateOf(group, timeOf, value));
}

function rateOf(rows: readonly CsvRow[], timeOf: (row: CsvRow) => number, column: string): RecordedRate {
  const values = new Map<number, number>();
  for (const row of rows) {
    const value = row.number(column);
    if (value < 0) throw row.malformed(`${column} ${value} is negative`);
    values.set(timeOf(row), value);
  }
  const times = [...values.keys()].sort((a, b) => a - b);
  const last = rows[rows.length - 1]!;
  if (times.length < 24) throw last.malformed("a series of requests needs at least 24 steps");
  const stepMs = times.reduce(
    (least, time, i) => (i === 0 ? least : Math.min(least, time - times[i - 1]!)),
    Number.POSITIVE_INFINITY,
  );
  if (stepMs > hourMs) throw last.malformed("the steps of a series are at most an hour apart");
  const fromMs = times[0]!;
  const rates = new Float64Array(Math.round((times.at(-1)! - fromMs) / stepMs) + 1);
  for (const [time, value] of values) rates[Math.round((time - fromMs) / stepMs)] = value;
  fillGaps(rates);
  const weeks = Math.floor((rates.length * stepMs) / weekMs);
  const days = Math.max(1, Math.floor((rates.length * stepMs) / (24 * hourMs)));
  const periodMs = weeks > 0 ? weeks * weekMs : days * 24 * hourMs;
  const period = Math.min(rates.length, Math.round(periodMs / stepMs));
  const peak = usualWeeklyPeak(rates, Math.min(rates.length, Math.round(weekMs / stepMs)));
  const rateAt = (step: number) =>
    (step >= 0 && step < rates.length ? rates[step]! : rates[((step % period) + period) % period]!) / peak;
  return { signal: interpolate(rateAt, fromMs, stepMs), stepMs };
}
