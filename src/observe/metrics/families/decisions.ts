import type { FleetView } from "../../view/fleet-view.ts";
import type { Family } from "../family.ts";
import { perCluster, seconds } from "./per-cluster.ts";

const HERTZ_PER_MHZ = 1e6;

/** What was decided, and whether it was done. */
export const decisionFamilies: readonly Family<FleetView>[] = [
  {
    name: "carm_policy_info",
    help: "The policy in force: 1, with what it says as labels.",
    type: "gauge",
    labels: ["cluster", "planner", "mode"],
    samples: perCluster(({ policy }) =>
      policy === undefined ? [] : [[{ planner: policy.planner, mode: policy.mode }, 1]],
    ),
  },
  {
    name: "carm_lease_renewed_timestamp_seconds",
    help: "When the cluster's lease was renewed last.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ decisions }) => {
      const lease = decisions.get("lease/");
      return lease === undefined ? [] : [[{}, seconds(lease.observedAt)]];
    }),
  },
  {
    name: "carm_lease_seconds",
    help: "Length of the cluster's lease.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ decisions }) => {
      const lease = decisions.get("lease/");
      return lease === undefined ? [] : [[{}, lease.leaseMs / 1000]];
    }),
  },
  {
    name: "carm_service_setpoint_hertz",
    help: "Core clock decided for a service; absent where the hardware is in control.",
    type: "gauge",
    labels: ["cluster", "service"],
    samples: perCluster(function* ({ decisions }) {
      for (const { target, smClockMhz } of decisions.values()) {
        if (target.kind === "service" && smClockMhz !== null) {
          yield [{ service: target.id }, smClockMhz * HERTZ_PER_MHZ];
        }
      }
    }),
  },
  {
    name: "carm_decisions",
    help: "Decisions in force by the rule that made them.",
    type: "gauge",
    labels: ["cluster", "target", "code"],
    samples: perCluster(function* ({ decisions }) {
      const counts = new Map<string, { target: string; code: string; count: number }>();
      for (const { target, reason } of decisions.values()) {
        const key = `${target.kind}/${reason.code}`;
        const entry = counts.get(key) ?? { target: target.kind, code: reason.code, count: 0 };
        counts.set(key, entry);
        entry.count += 1;
      }
      for (const { target, code, count } of counts.values()) yield [{ target, code }, count];
    }),
  },
  {
    name: "carm_actuations_total",
    help: "Reports of agents, by result.",
    type: "counter",
    labels: ["cluster", "result"],
    samples: perCluster(function* ({ actuations }) {
      for (const [result, count] of actuations.counts) yield [{ result }, count];
    }),
  },
  {
    name: "carm_decisions_pending",
    help: "Decisions that no agent has reported as applied.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ actuations }) => [[{}, actuations.pending]]),
  },
  {
    name: "carm_decision_oldest_pending_timestamp_seconds",
    help: "When the oldest decision was made that no agent has reported as applied.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ actuations }) => {
      const oldestAt = actuations.oldestPendingAt();
      return oldestAt === undefined ? [] : [[{}, seconds(oldestAt)]];
    }),
  },
  {
    name: "carm_targets_overridden",
    help: "Targets that an agent leaves to somebody else's hand.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ actuations }) => [[{}, actuations.overridden.size]]),
  },
  {
    name: "carm_plans_total",
    help: "Plans made, by what asked for them.",
    type: "counter",
    labels: ["cluster", "trigger"],
    samples: perCluster(function* ({ plansByTrigger }) {
      for (const [trigger, count] of plansByTrigger) yield [{ trigger }, count];
    }),
  },
  {
    name: "carm_plan_expected_grams",
    help: "Carbon that the plan in force expects of all jobs until they are finished, idle power left out.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ plan }) => (plan === undefined ? [] : [[{}, plan.expectedGrams]])),
  },
  {
    name: "carm_plan_jobs",
    help: "Jobs in the plan in force, by whether their deadline can be met.",
    type: "gauge",
    labels: ["cluster", "feasible"],
    samples: perCluster(function* ({ plan }) {
      if (plan === undefined) return;
      const feasible = plan.jobs.filter((job) => job.feasible).length;
      yield [{ feasible: "true" }, feasible];
      yield [{ feasible: "false" }, plan.jobs.length - feasible];
    }),
  },
];
