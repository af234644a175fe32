import type { Planner, PlanningJob } from "../planner.ts";
import { planSlots } from "./slot-plan.ts";

/**
 * CarbonScaler (arXiv 2302.08681): workers alone. Each job's increments of workers by marginal throughput over marginal power
 * and intensity, from its least workers to its most, at the highest clock; jobs share the cluster in the order of their last chance.
 */
export const carbonScalerPlanner: Planner = {
  name: "carbon-scaler",
  guardsLatency: false,
  plan: (problem) => planSlots(problem, countsOf),
};

function countsOf(job: PlanningJob): readonly number[] {
  if (!job.resizable) return [job.requestedWorkers];
  return Array.from({ length: job.maxWorkers - job.minWorkers + 1 }, (_, i) => job.minWorkers + i);
}
