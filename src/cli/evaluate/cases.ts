import { CarmError } from "../../records/index.ts";
import { headroom, type ScenarioOptions, type TraceSet } from "../../simulate/index.ts";
import type { EvaluateOptions, Setup } from "./options.ts";

const DAY_MS = 86_400_000;
const DEMO_GPUS = 32;
const DEFAULT_STARTS = 4;
/** What `--quick` runs unless told otherwise. */
const quick = { zones: ["DE", "GB", "US-CAL-CISO", "PL"], starts: 6 };
/** The year of typical days, which know no range of their own. */
const typicalYear = { fromMs: Date.UTC(2023, 0, 1), toMs: Date.UTC(2024, 0, 1) };

/** One scenario of the evaluation; every policy and the oracle meet it. */
export interface EvaluationCase {
  readonly setup: Setup;
  readonly options: ScenarioOptions;
}

/** Dates of the evaluation: first day, end of the last, and the start of every run. */
export interface EvaluationDates {
  readonly fromMs: number;
  readonly toMs: number;
  readonly starts: readonly number[];
}

/** Zones asked for, or all that the traces have. */
export function zonesOf(options: EvaluateOptions, traces: TraceSet): readonly string[] {
  if (options.zone !== undefined) return options.zone;
  if (options.quick !== true) return traces.zones;
  const known = quick.zones.filter((zone) => traces.zones.includes(zone));
  return known.length > 0 ? known : traces.zones.slice(0, quick.zones.length);
}

/**
 * Evenly spaced whole days; the last run ends when `--to` does. Without `--from` and `--to`: the last year that all
 * zones have. Throws ERR_OPTION_INVALID where no run fits.
 */
export async function datesOf(
  options: EvaluateOptions,
  zones: readonly string[],
  traces: TraceSet,
): Promise<EvaluationDates> {
  const ranges = await Promise.all(zones.map((zone) => traces.intensityRange(zone)));
  const recorded = {
    fromMs: Math.max(...ranges.map((range) => range?.fromMs ?? typicalYear.fromMs)),
    toMs: Math.min(...ranges.map((range) => range?.toMs ?? typicalYear.toMs)),
  };
  const toMs = options.to === undefined ? wholeDay(recorded.toMs) : options.to + DAY_MS;
  const earliest = Math.ceil(recorded.fromMs / DAY_MS) * DAY_MS;
  const fromMs = options.from ?? Math.max(earliest, toMs - 365 * DAY_MS);
  const last = toMs - runDays(options) * DAY_MS;
  if (last < fromMs) {
    throw new CarmError(
      "ERR_OPTION_INVALID",
      `A run takes ${runDays(options)} days, but from ${day(fromMs)} to ${day(toMs - 1)} there are ${Math.max(0, (toMs - fromMs) / DAY_MS)}; choose other dates or fewer --days.`,
    );
  }
  const count = options.starts ?? (options.quick === true ? quick.starts : DEFAULT_STARTS);
  const spacing = count > 1 ? (last - fromMs) / (count - 1) : 0;
  const starts = Array.from({ length: count }, (_, i) => wholeDay(fromMs + i * spacing));
  return { fromMs, toMs, starts: [...new Set(starts)] };
}

/** Every combination, those that share a start next to each other. */
export function casesOf(
  options: EvaluateOptions,
  zones: readonly string[],
  dates: EvaluationDates,
): EvaluationCase[] {
  const gpus = options.gpus ?? (options.setup === "demo" ? DEMO_GPUS : headroom.gpus);
  const { setup, days, modelError } = options;
  return dates.starts.flatMap((startsAt) =>
    zones.flatMap((zone) =>
      options.load.flatMap((load) =>
        options.slack.flatMap((slack) =>
          options.seed.map((seed): EvaluationCase => {
            const onSite = options.onSite ?? null;
            return { setup, options: { zone, startsAt, days, gpus, load, slack, seed, modelError, onSite } };
          }),
        ),
      ),
    ),
  );
}

function runDays({ setup, days }: EvaluateOptions): number {
  return setup === "demo" ? days : days + headroom.finishDays;
}

function wholeDay(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

export function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
