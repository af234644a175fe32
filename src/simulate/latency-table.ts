import type { Batching } from "../records/index.ts";
import { type BatchingQueue, runBatchingQueue } from "./batching-queue.ts";
import { linear } from "./interpolation.ts";
import { physics } from "./physics.ts";

/**
 * Latency of one batching server against its load, tabulated from request-by-request runs. Latency is counted in
 * service times of a single request and load as a share of the rate at full batches, so one table serves every clock.
 * (Bursts have a length in seconds; it is taken at the highest clock.)
 */
export interface LatencyTable {
  /** Share of requests that take at least this long, at a load. */
  shareAtLeast(load: number, latency: number): number;
  /** Share of time busy. */
  busyShare(load: number): number;
  /** Survival curve at a load, on bins of log2(latency), for whole histograms at once. */
  survival(load: number): SurvivalCurve;
}

export interface SurvivalCurve {
  /** Share of requests whose log2(latency) is at least `log2Latency`. */
  at(log2Latency: number): number;
}

/** A server is taken as full beyond this load; what does not fit waits. */
export const LOAD_MAX = 0.98;

/** Tabulated loads: by rising ratio from the first, in requests a service time of one, then to where servers fill up. */
const ARRIVALS_MIN = 0.02;
const GEOMETRIC_LOADS = 16;
const GEOMETRIC_LOAD_MAX = 0.6;
const HIGH_LOADS = [0.68, 0.75, 0.8, 0.85, 0.9, 0.94, LOAD_MAX];
const BINS_PER_OCTAVE = 16;
const OCTAVES = 12;
const BINS = BINS_PER_OCTAVE * OCTAVES;
const REQUESTS = 24_000;

/** Requests a millisecond that one server handles at full batches and the profile's speed. */
export function fullRatePerMs(batching: Batching): number {
  return batching.maxBatch / (batching.setupMs + batching.maxBatch * batching.marginalMs);
}

/** Latency of a lone request at the profile's speed. */
export function isolatedLatencyMs(batching: Batching): number {
  return batching.setupMs + batching.marginalMs;
}

/** Tables take a while and never change; one a model and model error is few. */
const tables = new Map<string, LatencyTable>();

/** The table of one model. */
export function latencyTableOf(batching: Batching, modelError: number): LatencyTable {
  const { setupMs, marginalMs, maxBatch } = batching;
  const key = `${setupMs}/${marginalMs}/${maxBatch}/${modelError}`;
  let table = tables.get(key);
  if (table === undefined) {
    table = createLatencyTable(batching, modelError);
    tables.set(key, table);
  }
  return table;
}

function createLatencyTable(batching: Batching, modelError: number): LatencyTable {
  const isolatedMs = isolatedLatencyMs(batching);
  const fullRate = fullRatePerMs(batching) * isolatedMs;
  const loads = [0, ...tabulatedLoads(fullRate)];
  const survivals = [survivalOf([1], undefined)];
  const busyShares = [0];
  for (const load of loads.slice(1)) {
    const queue: BatchingQueue = {
      setupShare: batching.setupMs / isolatedMs,
      maxBatch: batching.maxBatch,
      arrivalRate: load * fullRate,
      burst: modelError * physics.secondsBurst,
      burstLength: physics.burstMs / isolatedMs,
    };
    const run = runBatchingQueue(queue, REQUESTS);
    survivals.push(survivalOf(run.latencies, survivals.at(-1)));
    busyShares.push(Math.max(run.busyShare, busyShares.at(-1)!));
  }
  const survival = (load: number) => curveAt(loads, survivals, load);
  return {
    survival,
    shareAtLeast: (load, latency) => survival(load).at(Math.log2(latency)),
    busyShare: linear([...loads, 1], [...busyShares, 1]),
  };
}

/** The highest load at which at most 1 − `quantile` of the requests take `latency` or longer. */
export function highestLoadWithin(table: LatencyTable, quantile: number, latency: number): number {
  let low = 0;
  let high = LOAD_MAX;
  for (let round = 0; round < 40; round += 1) {
    const load = (low + high) / 2;
    if (table.shareAtLeast(load, latency) <= 1 - quantile) low = load;
    else high = load;
  }
  return low;
}

function tabulatedLoads(fullRate: number): number[] {
  const first = ARRIVALS_MIN / fullRate;
  const ratio = (GEOMETRIC_LOAD_MAX / first) ** (1 / (GEOMETRIC_LOADS - 1));
  const low = Array.from({ length: GEOMETRIC_LOADS }, (_, i) => first * ratio ** i);
  return [...low, ...HIGH_LOADS];
}

/** Entry i: share of latencies of at least 2^(i / bins an octave); never below that of a lower load. */
function survivalOf(latencies: ArrayLike<number>, lower: Float64Array | undefined): Float64Array {
  const survival = new Float64Array(BINS + 1);
  for (let i = 0; i < latencies.length; i += 1) {
    const bin = Math.floor(Math.log2(latencies[i]!) * BINS_PER_OCTAVE);
    survival[Math.min(BINS - 1, Math.max(0, bin))]! += 1 / latencies.length;
  }
  for (let bin = BINS - 1; bin >= 0; bin -= 1) survival[bin]! += survival[bin + 1]!;
  return lower === undefined ? survival : survival.map((share, bin) => Math.max(share, lower[bin]!));
}

/** Straight lines between the tabulated loads and between the bins. */
function curveAt(loads: readonly number[], survivals: readonly Float64Array[], load: number): SurvivalCurve {
  let index = 0;
  while (index < loads.length - 2 && load > loads[index + 1]!) index += 1;
  const toHigh = Math.min(1, (load - loads[index]!) / (loads[index + 1]! - loads[index]!));
  const low = survivals[index]!;
  const high = survivals[index + 1]!;
  return {
    at(log2Latency) {
      const position = log2Latency * BINS_PER_OCTAVE;
      if (position <= 0) return 1;
      if (position >= BINS) return 0;
      const bin = Math.floor(position);
      const toRight = position - bin;
      const left = low[bin]! + toHigh * (high[bin]! - low[bin]!);
      const right = low[bin + 1]! + toHigh * (high[bin + 1]! - low[bin + 1]!);
      return left + toRight * (right - left);
    },
  };
}
