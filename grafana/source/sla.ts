import { carmDashboard } from "./dashboard.ts";
import { chosen, type Panel, withPanels } from "./panels.ts";

const overShare = (window: string) =>
  `sum by (cluster, service) (rate(carm_service_requests_over_target_total{${chosen}}[${window}])) / sum by (cluster, service) (rate(carm_service_requests_total{${chosen}}[${window}]))`;

const panels: readonly Panel[] = [
  {
    kind: "stat",
    title: "Requests over target",
    description:
      "Share of the requests of the chosen time that took longer than their service's latency target.",
    unit: "percentunit",
    queries: [
      {
        expr: `sum(increase(carm_service_requests_over_target_total{${chosen}}[$__range])) / sum(increase(carm_service_requests_total{${chosen}}[$__range]))`,
        legend: "over target",
      },
    ],
  },
  {
    kind: "stat",
    title: "Deadlines missed",
    description: "Jobs that the log still keeps and that ended after their deadline or have passed it.",
    unit: "none",
    queries: [{ expr: `sum(carm_jobs_deadline_missed{${chosen}})`, legend: "missed" }],
  },
  {
    kind: "stat",
    title: "Deadlines at risk",
    description: "Unfinished jobs that the plan expects to finish late.",
    unit: "none",
    queries: [{ expr: `sum(carm_jobs_deadline_at_risk{${chosen}})`, legend: "at risk" }],
  },
  {
    kind: "stat",
    title: "GPUs lost",
    description: "GPUs that no longer work.",
    unit: "none",
    queries: [{ expr: `sum(carm_gpus{${chosen}, healthy="false"})`, legend: "lost" }],
  },
  {
    kind: "timeseries",
    title: "Share of requests over target",
    description: "By service, over five minutes.",
    unit: "percentunit",
    queries: [{ expr: overShare("5m"), legend: "{{cluster}} {{service}}" }],
  },
  {
    kind: "timeseries",
    title: "Latency",
    description: "Quantiles of the latest window.",
    unit: "s",
    queries: [
      { expr: `carm_service_latency_seconds{${chosen}}`, legend: "{{cluster}} {{service}} {{level}}" },
    ],
  },
  {
    kind: "timeseries",
    title: "Arrivals",
    description: "Requests a second of each service.",
    unit: "reqps",
    queries: [{ expr: `carm_service_arrivals_per_second{${chosen}}`, legend: "{{cluster}} {{service}}" }],
  },
  {
    kind: "timeseries",
    title: "Queue",
    description: "Requests waiting at the end of the latest window.",
    unit: "none",
    queries: [{ expr: `carm_service_queue_depth{${chosen}}`, legend: "{{cluster}} {{service}}" }],
  },
  {
    kind: "timeseries",
    title: "Jobs",
    description: "Jobs that wait, run or are paused.",
    unit: "none",
    queries: [
      { expr: `carm_jobs{${chosen}, state=~"waiting|running|paused"}`, legend: "{{cluster}} {{state}}" },
    ],
  },
  {
    kind: "timeseries",
    title: "Training workers",
    description: "Workers of jobs that run now.",
    unit: "none",
    queries: [{ expr: `carm_training_workers{${chosen}}`, legend: "{{cluster}}" }],
  },
];

export default withPanels(
  carmDashboard("carm-sla", "CA-RM: SLA", "Whether latency targets and deadlines hold."),
  panels,
);
