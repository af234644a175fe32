import { basename } from "node:path";
import { CarmError } from "../../records/index.ts";
import type { TraceSet } from "../../simulate/index.ts";
import { readJobFile, readRequestFile, resample } from "../../sources/index.ts";
import { loadTraces } from "../demo/traces.ts";
import { readFeed } from "../forecast-backtest/feed.ts";
import type { InputFiles } from "./options.ts";

const HOUR_MS = 3_600_000;
/** Gaps up to this long are bridged by a line between their neighbours. */
const GAP_HOURS_MAX = 6;

/**
 * The traces of CARM_TRACES, or typical days, with what the user's own files replace. Intensity from a file has one zone:
 * `zone`, or the name of the file.
 */
export async function evaluationTraces(
  files: InputFiles,
  zone: string | undefined,
  seed: number,
): Promise<TraceSet> {
  const base = await loadTraces(files.traces, seed);
  const own = [files.carbon, files.requests, files.jobs].filter((file) => file !== undefined);
  if (own.length === 0) return base;
  const names = own.map((file) => basename(file)).join(", ");
  return {
    ...base,
    kind: "recorded",
    attribution: [`Own files: ${names}.`, ...base.attribution],
    ...(files.carbon !== undefined && (await intensityOf(files.carbon, files.column, zone))),
    ...(files.requests !== undefined && (await requestsOf(files.requests))),
    ...(files.jobs !== undefined && (await jobsOf(files.jobs))),
  };
}

async function intensityOf(file: string, column: string, zone: string | undefined) {
  const name = zone ?? basename(file).replace(/\.csv(\.gz)?$/, "");
  const { truth, fromMs, toMs } = await readFeed(file, column);
  const values = bridged(
    Array.from({ length: (toMs - fromMs) / HOUR_MS }, (_, i) => truth.get(fromMs + i * HOUR_MS)),
  );
  return {
    zones: [name],
    async intensityRange() {
      return { fromMs, toMs };
    },
    async intensity(_zone: string, from: number, to: number): Promise<Float64Array> {
      return Float64Array.from({ length: Math.ceil((to - from) / HOUR_MS) }, (_, i) => {
        const at = from + i * HOUR_MS;
        const value = values[(at - fromMs) / HOUR_MS];
        if (value !== undefined) return value;
        throw new CarmError(
          "ERR_TRACE_MISSING",
          `${basename(file)} has no ${column} for ${new Date(at).toISOString()}; it has hours from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}. Choose other dates with --from and --to.`,
        );
      });
    },
  };
}

function bridged(values: readonly (number | undefined)[]): (number | undefined)[] {
  const filled = [...values];
  let last = -1;
  for (const [i, value] of values.entries()) {
    if (value === undefined) continue;
    const missing = i - last - 1;
    if (last >= 0 && missing > 0 && missing <= GAP_HOURS_MAX) {
      const before = values[last]!;
      for (let k = 1; k <= missing; k += 1)
        filled[last + k] = before + ((value - before) * k) / (missing + 1);
    }
    last = i;
  }
  return filled;
}

async function requestsOf(file: string) {
  const rates = await readRequestFile(file);
  return {
    async requestRate(service: number, fromMs: number, toMs: number, stepMs: number): Promise<Float64Array> {
      const { signal, stepMs: own } = rates[service % rates.length]!;
      return resample(signal, own, fromMs, toMs, stepMs);
    },
  };
}

async function jobsOf(file: string) {
  const rows = await readJobFile(file);
  return {
    async jobRows() {
      return rows;
    },
  };
}
