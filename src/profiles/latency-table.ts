import { batchingGain, loadCoordinate, loadNodes, tableSide, tailNodes } from "./batch-queue.ts";
import { latencyTable } from "./latency-table.generated.ts";

/** State of a batch queue: the share of requests that find it busy, and the latencies of those, in batches of one. */
export interface QueueState {
  /** Share of time busy, and of requests that do not get the least latency of 1. */
  busyShare: number;
  /** Latency exceeded by each of `tailNodes` among the requests that find it busy; rising. */
  readonly latencies: Float64Array;
}

const columns = tailNodes.length + 1;
const rows = loadNodes.length;
const table = Float64Array.from(latencyTable);
const topLoad = loadNodes[rows - 1]!;

/**
 * The state at a utilisation in [0, 1), interpolated between simulated ones: linear in load, in log2(maxBatch) and in
 * log2(1 + ratio), which it clamps to the table. Weights are never negative and the table never falls with load, so
 * neither does the result. Above the table's highest load, latencies grow as 1 / (1 - load), as queues in heavy
 * traffic do.
 */
export function queueState(ratio: number, maxBatch: number, utilization: number): QueueState {
  const load = loadCoordinate(utilization, batchingGain(ratio, maxBatch));
  const state: QueueState = { busyShare: 0, latencies: new Float64Array(tailNodes.length) };
  const i = Math.min(tableSide - 1, Math.log2(1 + ratio));
  const j = Math.min(tableSide - 1, Math.log2(maxBatch));
  const iLow = Math.min(tableSide - 2, Math.floor(i));
  const jLow = Math.min(tableSide - 2, Math.floor(j));
  for (let corner = 0; corner < 4; corner++) {
    const iCorner = iLow + (corner & 1);
    const jCorner = jLow + (corner >> 1);
    const weight = (1 - Math.abs(i - iCorner)) * (1 - Math.abs(j - jCorner));
    if (weight > 0) addCell(state, iCorner * tableSide + jCorner, Math.min(load, topLoad), weight);
  }
  if (load > topLoad) {
    const stretch = (1 - topLoad) / (1 - load);
    for (let k = 0; k < state.latencies.length; k++) state.latencies[k]! *= stretch;
    state.busyShare = 1 - (1 - state.busyShare) / stretch;
  }
  return state;
}

function addCell(state: QueueState, cell: number, load: number, weight: number): void {
  let upper = 0;
  while (loadNodes[upper]! < load) upper++;
  const below = upper === 0 ? 0 : loadNodes[upper - 1]!;
  const share = (load - below) / (loadNodes[upper]! - below);
  const high = (cell * rows + upper) * columns;
  const low = high - columns;
  for (let k = 0; k < columns - 1; k++) {
    // At no load the server is found busy with a batch of one, at a moment spread evenly over it.
    const lowValue = upper === 0 ? 2 - tailNodes[k]! : table[low + k]!;
    state.latencies[k]! += weight * (lowValue + share * (table[high + k]! - lowValue));
  }
  const lowBusy = upper === 0 ? 0 : table[low + columns - 1]!;
  state.busyShare += weight * (lowBusy + share * (table[high + columns - 1]! - lowBusy));
}

/** Share of all requests that take longer than `latency` batches of one. Logarithmic between the tabulated tails. */
export function shareLongerThan(state: QueueState, latency: number): number {
  if (latency < 1) return 1;
  let low = 1;
  let lowTail = 1;
  for (let k = 0; ; k++) {
    const high = state.latencies[k]!;
    const highTail = tailNodes[k]!;
    if (latency < high || k === tailNodes.length - 1) {
      const share = (latency - low) / (high - low);
      return state.busyShare * lowTail * (highTail / lowTail) ** share;
    }
    low = high;
    lowTail = highTail;
  }
}

/** The latency, in batches of one, that a share of all requests exceeds: the inverse of {@link shareLongerThan}. */
export function latencyExceededBy(state: QueueState, tail: number): number {
  const wanted = tail / state.busyShare;
  if (!(wanted < 1)) return 1;
  let low = 1;
  let lowTail = 1;
  for (let k = 0; ; k++) {
    const high = state.latencies[k]!;
    const highTail = tailNodes[k]!;
    if (wanted > highTail || k === tailNodes.length - 1) {
      return low + ((high - low) * Math.log(wanted / lowTail)) / Math.log(highTail / lowTail);
    }
    low = high;
    lowTail = highTail;
  }
}
