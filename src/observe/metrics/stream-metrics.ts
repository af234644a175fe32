import type { Registry } from "prom-client";
import type { StreamMetrics } from "../../stream/index.ts";
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

/** Shows what a worker counts in `registry`. */
export function observeStream(registry: Registry, metrics: StreamMetrics): void {
  registerFamilies(registry, streamFamilies, metrics);
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
