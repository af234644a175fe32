import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { CarmError } from "../../records/index.ts";
import { readCsv } from "../../sources/index.ts";

/** A series at its source's own resolution; NaN where there is no value. */
export interface StepSeries {
  readonly name: string;
  readonly unit: "requests/s" | "g/kWh";
  readonly stepMs: number;
  readonly fromMs: number;
  readonly values: Float64Array;
}

/** What to read: a recording of `CARM_TRACES` by name, or a file with a column. */
export interface StepSeriesOptions {
  readonly requests?: string;
  readonly carbon?: string;
  readonly column?: string;
  readonly windowSeconds: number;
}

/** A Monday, 00:00 UTC: where recordings without a date begin. */
const MONDAY = Date.UTC(2024, 0, 1);
const HOUR_MS = 3_600_000;
const absent = new Set(["", "nan", "null", "none", "na", "n/a"]);

/** Recordings of requests in the folder that CARM_TRACES names. */
const recordings = {
  "servegen-m-large": { file: "servegen_aggregate_rate_10min", model: "m-large" },
  "servegen-m-mid": { file: "servegen_aggregate_rate_10min", model: "m-mid" },
  "servegen-m-small": { file: "servegen_aggregate_rate_10min", model: "m-small" },
  wikipedia: { file: "wikipedia_en_hourly_2020_2022", model: "" },
  azure: { file: "azure_llm_2023_conv", model: "" },
} as const;

/**
 * Reads a series. Throws ERR_OPTION_INVALID, ERR_TRACE_MISSING, or ERR_TRACE_MALFORMED with file and line.
 */
export async function readStepSeries(
  options: StepSeriesOptions,
  traces: string | undefined,
): Promise<StepSeries> {
  const { requests, carbon, column } = options;
  if ((requests === undefined) === (carbon === undefined)) {
    throw new CarmError("ERR_OPTION_INVALID", "give either --requests or --carbon.");
  }
  if (carbon !== undefined)
    return fromRows(await rowsOf(carbon, column ?? "gco2_per_kwh"), basename(carbon), "g/kWh", 1);
  if (!isRecording(requests!)) {
    const rows = await rowsOf(requests!, column ?? "requests_per_s");
    return fromRows(rows, basename(requests!), "requests/s", 1);
  }
  const file = recordingFile(traces, recordings[requests].file);
  if (requests === "azure") return fromArrivals(await arrivalsOf(file), requests, options.windowSeconds);
  if (requests === "wikipedia") {
    return fromRows(await rowsOf(file, "requests_per_hour"), requests, "requests/s", 1 / 3600);
  }
  return fromRows(await serveGenRows(file, recordings[requests].model), requests, "requests/s", 1);
}

function isRecording(name: string): name is keyof typeof recordings {
  return Object.hasOwn(recordings, name);
}

function recordingFile(traces: string | undefined, name: string): string {
  const folder = join(traces ?? "", "requests");
  const file = [`${name}.csv.gz`, `${name}.csv`].map((each) => join(folder, each)).find(existsSync);
  if (traces !== undefined && file !== undefined) return file;
  throw new CarmError(
    "ERR_TRACE_MISSING",
    `There is no ${name}.csv.gz: set CARM_TRACES to a folder of traces, or give a file with --requests FILE --column NAME.`,
  );
}

/** Time and value of each row; NaN for a value that is not there. */
type Rows = readonly (readonly [time: number, value: number])[];

async function rowsOf(file: string, column: string): Promise<Rows> {
  return (await readCsv(file, ["timestamp", column])).map((row) => {
    const missing = absent.has(row.text(column).trim().toLowerCase());
    return [row.time("timestamp"), missing ? Number.NaN : row.number(column)];
  });
}

/** The recording has gaps that are written as zeros. */
async function serveGenRows(file: string, model: string): Promise<Rows> {
  const rows = await readCsv(file, ["model", "offset_s", "rate_rps"]);
  return rows
    .filter((row) => row.text("model") === model)
    .map((row) => [MONDAY + 1000 * row.number("offset_s"), row.number("rate_rps") || Number.NaN]);
}

async function arrivalsOf(file: string): Promise<number[]> {
  return (await readCsv(file, ["timestamp"])).map((row) => row.time("timestamp"));
}

function fromArrivals(times: readonly number[], name: string, windowSeconds: number): StepSeries {
  const stepMs = 1000 * windowSeconds;
  const fromMs = Math.ceil(times[0]! / stepMs) * stepMs;
  const values = new Float64Array(Math.floor((times.at(-1)! - fromMs) / stepMs));
  for (const time of times) {
    const step = Math.floor((time - fromMs) / stepMs);
    if (step >= 0 && step < values.length) values[step]! += 1 / windowSeconds;
  }
  return { name, unit: "requests/s", stepMs, fromMs, values };
}

/** The shortest time between two rows is the step; of two rows for a step the later one counts. */
function fromRows(rows: Rows, name: string, unit: StepSeries["unit"], factor: number): StepSeries {
  const sorted = [...rows].sort(([a], [b]) => a - b);
  let stepMs = HOUR_MS;
  for (let i = 1; i < sorted.length; i++) {
    const apart = sorted[i]![0] - sorted[i - 1]![0];
    if (apart > 0) stepMs = Math.min(stepMs, apart);
  }
  if (sorted.length < 2) throw new CarmError("ERR_TRACE_MALFORMED", `${name}, line 2: there are no values.`);
  const fromMs = Math.floor(sorted[0]![0] / stepMs) * stepMs;
  const values = new Float64Array(Math.floor((sorted.at(-1)![0] - fromMs) / stepMs) + 1).fill(Number.NaN);
  for (const [time, value] of sorted) values[Math.floor((time - fromMs) / stepMs)] = factor * value;
  return { name, unit, stepMs, fromMs, values };
}
