import { carmDashboard } from "./dashboard.ts";
import { chosen, type Panel, withPanels } from "./panels.ts";

const panels: readonly Panel[] = [
  {
    kind: "stat",
    title: "Policy",
    description: "Planner and mode of each cluster.",
    unit: "none",
    queries: [{ expr: `carm_policy_info{${chosen}}`, legend: "{{cluster}}: {{planner}}, {{mode}}" }],
  },
  {
    kind: "stat",
    title: "Not yet applied",
    description: "Decisions that no agent has reported as applied.",
    unit: "none",
    queries: [{ expr: `sum(carm_decisions_pending{${chosen}})`, legend: "pending" }],
  },
  {
    kind: "stat",
    title: "Overridden",
    description: "Targets left to somebody else's hand; `carm agent reclaim` takes them back.",
    unit: "none",
    queries: [{ expr: `sum(carm_targets_overridden{${chosen}})`, legend: "overridden" }],
  },
  {
    kind: "stat",
    title: "Lease age",
    description: "Time since the lease of the setpoints was renewed.",
    unit: "s",
    queries: [{ expr: `max(time() - carm_lease_renewed_timestamp_seconds{${chosen}})`, legend: "oldest" }],
  },
  {
    kind: "timeseries",
    title: "Clock decided for services",
    description: "Setpoint of each service; no line where the hardware is in control.",
    unit: "hertz",
    queries: [{ expr: `carm_service_setpoint_hertz{${chosen}}`, legend: "{{cluster}} {{service}}" }],
  },
  {
    kind: "timeseries",
    title: "Clock of the boards",
    description: "Mean core clock of each pool as the boards report it.",
    unit: "hertz",
    queries: [{ expr: `carm_gpu_sm_clock_hertz{${chosen}}`, legend: "{{cluster}} {{pool}}" }],
  },
  {
    kind: "timeseries",
    title: "Why",
    description: "Decisions in force by the rule that made them.",
    unit: "none",
    queries: [{ expr: `sum by (cluster, code) (carm_decisions{${chosen}})`, legend: "{{cluster}} {{code}}" }],
  },
  {
    kind: "timeseries",
    title: "What agents report",
    description: "Reports a second, by result.",
    unit: "cps",
    queries: [
      {
        expr: `sum by (cluster, result) (rate(carm_actuations_total{${chosen}}[$__rate_interval]))`,
        legend: "{{cluster}} {{result}}",
      },
    ],
  },
  {
    kind: "timeseries",
    title: "From decision to applied",
    description: "95th percentile of the time until an agent reports a decision as applied.",
    unit: "s",
    queries: [
      {
        expr: `histogram_quantile(0.95, sum by (cluster, le) (rate(carm_actuation_lag_seconds_bucket{${chosen}}[$__rate_interval])))`,
        legend: "{{cluster}}",
      },
    ],
  },
  {
    kind: "timeseries",
    title: "Plans",
    description: "Plans a second, by what asked for them.",
    unit: "cps",
    queries: [
      {
        expr: `sum by (cluster, trigger) (rate(carm_plans_total{${chosen}}[$__rate_interval]))`,
        legend: "{{cluster}} {{trigger}}",
      },
    ],
  },
];

export default withPanels(
  carmDashboard("carm-decisions", "CA-RM: Decisions", "What was decided, why, and whether it was done."),
  panels,
);
