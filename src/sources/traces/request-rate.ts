import { CarmError } from "../../records/index.ts";
import { readCsv } from "./csv.ts";
import { findCsv, type TraceFolder } from "./folder.ts";
import { hourlySeries, hourMs, mondayMs, valueAt, weekMs } from "./hours.ts";
import { interpolate, type Signal } from "./resample.ts";

const tenMinutesMs = 600_000;

/** A recorded rate that goes on for ever, scaled so that its usual weekly peak is 1. */
export interface RecordedRate {
  readonly signal: Signal;
  readonly stepMs: number;
}

/** How many different recordings of request rates there are; further services repeat them. */
export const recordedRates = 3;

/**
 * Service 0: ServeGen m-large; 1: page views of the English Wikipedia; 2: ServeGen m-mid.
 * ServeGen does not say on which weekday it starts: its first day is taken as a Monday, and its 14 days repeat.
 * Wikipedia outside 2020–2022 repeats the 104 weeks from Monday 2021-01-04, so weekday and season fit.
 */
export async function readRequestRate(requests: TraceFolder, service: number): Promise<RecordedRate> {
  const recording = service % recordedRates;
  if (recording === 1) return readWikipedia(requests);
  return readServeGen(requests, recording === 0 ? "m-large" : "m-mid");
}

async function readServeGen(requests: TraceFolder, model: string): Promise<RecordedRate> {
  const path = findCsv(requests, "servegen_aggregate_rate_10min");
  const rows = (await readCsv(path, ["model", "offset_s", "rate_rps"])).filter(
    (row) => row.text("model") === model,
  );
  const rates = new Float64Array((2 * weekMs) / tenMinutesMs);
  for (const row of rows) {
    const step = (row.number("offset_s") * 1000) / tenMinutesMs;
    if (!(Number.isInteger(step) && step >= 0 && step < rates.length)) {
      throw row.malformed("offset_s is not a multiple of 600 within two weeks");
    }
    rates[step] = row.number("rate_rps");
  }
  if (rows.length === 0) throw new CarmError("ERR_TRACE_MISSING", `${path} has no rows of ${model}.`);
  fillGaps(rates);
  const peak = usualWeeklyPeak(rates, weekMs / tenMinutesMs);
  const signal = interpolate((step) => cyclic(rates, step) / peak, mondayMs, tenMinutesMs);
  return { signal, stepMs: tenMinutesMs };
}

async function readWikipedia(requests: TraceFolder): Promise<RecordedRate> {
  const rows = await readCsv(findCsv(requests, "wikipedia_en_hourly_2020_2022"), [
    "timestamp",
    "requests_per_hour",
  ]);
  const views = hourlySeries(rows, (row) => row.number("requests_per_hour"));
  const repeatedFrom = Date.UTC(2021, 0, 4);
  const repeated = Float64Array.from({ length: (104 * weekMs) / hourMs }, (_, i) =>
    valueAt(views, repeatedFrom + i * hourMs),
  );
  fillGaps(repeated);
  const peak = usualWeeklyPeak(repeated, weekMs / hourMs);
  const rateOf = (step: number) => {
    const recorded = valueAt(views, repeatedFrom + step * hourMs);
    return (recorded > 0 ? recorded : cyclic(repeated, step)) / peak;
  };
  return { signal: interpolate(rateOf, repeatedFrom, hourMs), stepMs: hourMs };
}

/** Replaces outages of the recording (below 5 % of the median, or absent) by a line between their neighbours. */
export function fillGaps(rates: Float64Array): void {
  const sorted = rates.filter((rate) => rate > 0).sort();
  const outage = 0.05 * (sorted[sorted.length >> 1] ?? 0);
  const good = Array.from(rates.keys()).filter((i) => rates[i]! > outage);
  if (good.length === 0)
    throw new CarmError("ERR_TRACE_MALFORMED", "A recorded request rate is zero throughout.");
  let next = 0;
  for (let i = 0; i < rates.length; i++) {
    while (next < good.length && good[next]! < i) next++;
    const after = good[Math.min(next, good.length - 1)]!;
    if (after === i) continue;
    const before = good[Math.max(0, next - 1)]!;
    const share = after === before ? 0 : (i - before) / (after - before);
    rates[i] = (1 - share) * rates[before]! + share * rates[after]!;
  }
}

/** Median over weeks of the rate that each week exceeds in 1 % of its steps: one burst does not set the scale. */
export function usualWeeklyPeak(rates: Float64Array, stepsPerWeek: number): number {
  const peaks: number[] = [];
  for (let start = 0; start + stepsPerWeek <= rates.length; start += stepsPerWeek) {
    const week = rates.slice(start, start + stepsPerWeek).sort();
    peaks.push(week[Math.floor(0.99 * stepsPerWeek)]!);
  }
  return peaks.sort((a, b) => a - b)[peaks.length >> 1]!;
}

function cyclic(values: Float64Array, step: number): number {
  return values[((step % values.length) + values.length) % values.length]!;
}
