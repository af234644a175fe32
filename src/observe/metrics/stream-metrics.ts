import { Histogram, type Registry } from "prom-client";
import type { Lag, StreamMetrics } from "../../stream/index.ts";
import { type Family, registerFamilies, type Sample } from "./family.ts";

/** What the stream runtime of one process counts. */
export const streamFamilies: readonly Family<StreamMetrics>[] = [
  byLabel("carm_stream_records_total", "Input records taken.", "topic", (m) => m.recordsByTopic),
  byLabel(
    "carm_stream_dead_letters_total",
    "Input records that could not be used, by the code of the reason.",
    "reason",
    (m) => m.deadLettersByReason,
  ),
  byLabel(
    "carm_stream_restores_total",
    "Starts of tasks, by why the local store was, or was not, good enough to start from.",
    "reason",
    (m) => m.restoresByReason,
  ),
  total(
    "carm_stream_restored_entries_total",
    "Changelog records read to restore state.",
    (m) => m.restoredEntries,
  ),
  total(
    "carm_stream_restored_bytes_total",
    "Bytes of changelog records read to restore state.",
    (m) => m.restoredBytes,
  ),
  total("carm_stream_restore_seconds_total", "Time spent restoring state.", (m) => m.restoreMs / 1000),
  total(
    "carm_stream_records_behind_total",
    "Input records that counted, but came too late for a decision.",
    (m) => m.recordsBehind,
  ),
  lag("carm_stream_lag_records", "Offsets of the inputs that a task has not taken yet.", (l) => l.records),
  lag(
    "carm_stream_lag_seconds",
    "Between the newest time a task knows of and the record it took last.",
    (l) => l.ms / 1000,
  ),
  total("carm_stream_rerouted_total", "Misplaced records sent on to their own partition.", (m) => m.rerouted),
  total("carm_stream_quarantines_total", "Clusters quarantined because a step failed.", (m) => m.quarantines),
  {
    name: "carm_stream_transactions_total",
    help: "Transactions, by outcome: committed, or aborted or of unknown fate.",
    type: "counter",
    labels: ["outcome"],
    samples: ({ commits, aborts }) => [
      [{ outcome: "committed" }, commits],
      [{ outcome: "aborted" }, aborts],
    ],
  },
  total(
    "carm_stream_fenced_total",
    "Times that a newer owner of a partition shut this process out.",
    (m) => m.fenced,
  ),
  total("carm_stream_task_restarts_total", "Tasks started again after a failure.", (m) => m.taskRestarts),
  total("carm_stream_input_bytes_total", "Bytes of input records.", (m) => m.inputBytes),
  total("carm_stream_output_records_total", "Records written besides the changelog.", (m) => m.outputRecords),
  total(
    "carm_stream_changelog_records_total",
    "State changes written to the changelog.",
    (m) => m.changelogRecords,
  ),
  total("carm_stream_changelog_bytes_total", "Bytes written to the changelog.", (m) => m.changelogBytes),
  total("carm_stream_flushes_total", "Write batches to local stores.", (m) => m.flushes),
];

const transactionBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Shows what a worker counts in `registry`. */
export function observeStream(registry: Registry, metrics: StreamMetrics): void {
  registerFamilies(registry, streamFamilies, metrics);
  const times = new Histogram({
    name: "carm_stream_transaction_seconds",
    help: "Time from the first step of a transaction to its commit.",
    buckets: transactionBounds,
    registers: [registry],
  });
  metrics.onTransaction = (ms) => times.observe(ms / 1000);
}

function lag(name: string, help: string, value: (lag: Lag) => number): Family<StreamMetrics> {
  return {
    name,
    help,
    type: "gauge",
    labels: ["partition"],
    samples: ({ lagByPartition }) =>
      Object.entries(lagByPartition).map(([partition, each]): Sample => [{ partition }, value(each)]),
  };
}

function total(name: string, help: string, value: (metrics: StreamMetrics) => number): Family<StreamMetrics> {
  return { name, help, type: "counter", labels: [], samples: (metrics) => [[{}, value(metrics)]] };
}

function byLabel(
  name: string,
  help: string,
  label: string,
  counts: (metrics: StreamMetrics) => Readonly<Record<string, number>>,
): Family<StreamMetrics> {
  return {
    name,
    help,
    type: "counter",
    labels: [label],
    samples: (metrics) =>
      Object.entries(counts(metrics)).map(([text, count]): Sample => [{ [label]: text }, count]),
  };
}
