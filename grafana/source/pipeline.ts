import { carmDashboard } from "./dashboard.ts";
import { chosenProcess, type Panel, withPanels } from "./panels.ts";

const rate = (metric: string, by = "") =>
  `sum ${by === "" ? "" : `by (${by}) `}(rate(${metric}{${chosenProcess}}[$__rate_interval]))`;

const panels: readonly Panel[] = [
  {
    kind: "stat",
    title: "Records a second",
    description: "Input records that the processors take.",
    unit: "cps",
    queries: [{ expr: rate("carm_stream_records_total"), legend: "records" }],
  },
  {
    kind: "stat",
    title: "Dead letters",
    description: "Records that could not be used in the chosen time; `carm dead-letters list` shows them.",
    unit: "none",
    queries: [
      {
        expr: `sum(increase(carm_stream_dead_letters_total{${chosenProcess}}[$__range]))`,
        legend: "dead letters",
      },
    ],
  },
  {
    kind: "stat",
    title: "Quarantines",
    description: "Clusters quarantined in the chosen time; `carm cluster resume` ends a quarantine.",
    unit: "none",
    queries: [
      {
        expr: `sum(increase(carm_stream_quarantines_total{${chosenProcess}}[$__range]))`,
        legend: "quarantines",
      },
    ],
  },
  {
    kind: "stat",
    title: "Aborted transactions",
    description: "Transactions of the chosen time that did not take effect, or may not have.",
    unit: "none",
    queries: [
      {
        expr: `sum(increase(carm_stream_transactions_total{${chosenProcess}, outcome="aborted"}[$__range]))`,
        legend: "aborted",
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Input by topic",
    description: "Records a second.",
    unit: "cps",
    queries: [{ expr: rate("carm_stream_records_total", "topic"), legend: "{{topic}}" }],
  },
  {
    kind: "timeseries",
    title: "Transactions",
    description: "Transactions a second, by outcome.",
    unit: "cps",
    queries: [{ expr: rate("carm_stream_transactions_total", "outcome"), legend: "{{outcome}}" }],
  },
  {
    kind: "timeseries",
    title: "Lag",
    description: "How far each partition's task is behind, in time. Beyond the limit it makes no decisions.",
    unit: "s",
    queries: [
      {
        expr: `max by (instance, partition) (carm_stream_lag_seconds{${chosenProcess}})`,
        legend: "{{instance}} {{partition}}",
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Transaction time",
    description: "95th percentile of the time from the first step of a transaction to its commit.",
    unit: "s",
    queries: [
      {
        expr: `histogram_quantile(0.95, sum by (le) (rate(carm_stream_transaction_seconds_bucket{${chosenProcess}}[$__rate_interval])))`,
        legend: "p95",
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Bytes",
    description: "Bytes a second read as input and written to the changelog.",
    unit: "Bps",
    queries: [
      { expr: rate("carm_stream_input_bytes_total"), legend: "input" },
      { expr: rate("carm_stream_changelog_bytes_total"), legend: "changelog" },
    ],
  },
  {
    kind: "timeseries",
    title: "Restores, restarts, fencings",
    description:
      "Starts of tasks by the state they began with, restarts after failures, and takeovers, a second.",
    unit: "cps",
    queries: [
      { expr: rate("carm_stream_restores_total", "reason"), legend: "restore: {{reason}}" },
      { expr: rate("carm_stream_task_restarts_total"), legend: "task restarts" },
      { expr: rate("carm_stream_fenced_total"), legend: "fenced" },
    ],
  },
  {
    kind: "timeseries",
    title: "Event loop",
    description: "99th percentile of the delay of the event loop of each process.",
    unit: "s",
    queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${chosenProcess}}`, legend: "{{instance}}" }],
  },
  {
    kind: "timeseries",
    title: "Memory",
    description: "Resident memory of each process.",
    unit: "bytes",
    queries: [{ expr: `process_resident_memory_bytes{${chosenProcess}}`, legend: "{{instance}}" }],
  },
];

export default withPanels(
  carmDashboard("carm-pipeline", "CA-RM: Pipeline", "Whether records flow, and what goes wrong.", false),
  panels,
);
