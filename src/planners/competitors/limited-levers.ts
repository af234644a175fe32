import { caRmPlanner } from "../ca-rm/ca-rm.ts";
import { GpuCapacity } from "../common/gpu-capacity.ts";
import type { Planner, PlanningJob, PlanningProblem } from "../planner.ts";

/** Above every device's clocks: only the highest that the policy allows is left. */
const ABOVE_ALL_MHZ = 1_000_000;

/** CA-RM's planner on a problem from which levers or knowledge were taken away: each is then used as well as CA-RM uses it. */
function limited(
  name: string,
  guardsLatency: boolean,
  change: (problem: PlanningProblem) => PlanningProblem,
): Planner {
  return { name, guardsLatency, plan: (problem) => caRmPlanner.plan(change(problem)) };
}

/** All levers, blind to intensity and to on-site supply: what is left of CA-RM without timing. */
export const energyOnlyPlanner = limited("energy-only", true, (problem) => ({
  ...problem,
  slots: problem.slots.map((slot) => ({ ...slot, gco2PerKwh: 1, onSiteWatts: 0 })),
  intensityForecastUsable: false,
}));

/** EnergyCost with all levers: money instead of grams, on-site supply for nothing. Without prices it saves energy. */
export const energyCostClocksPlanner = limited("energy-cost-clocks", true, (problem) => ({
  ...problem,
  slots: problem.slots.map((slot) => ({ ...slot, gco2PerKwh: slot.pricePerKwh })),
  intensityForecastUsable: problem.slots.some(({ pricePerKwh }) => pricePerKwh > 0),
}));

/** Clocks alone: every job starts at arrival on the workers asked for and runs through. */
export const clocksOnlyPlanner = limited("clocks-only", true, (problem) => ({
  ...problem,
  jobs: startedAtArrival(problem).map((job) => ({ ...job, resizable: false, pausable: false })),
}));

/** The start alone: the workers asked for, the highest clock, no pause. */
export const startOnlyPlanner = limited("start-only", false, (problem) => ({
  ...atTopClock(problem),
  jobs: problem.jobs.map((job) => ({ ...job, resizable: false, pausable: false })),
}));

/** The workers alone: every job starts at arrival, runs through, at the highest clock. */
export const workersOnlyPlanner = limited("workers-only", false, (problem) => ({
  ...atTopClock(problem),
  jobs: startedAtArrival(problem).map((job) => ({ ...job, pausable: false })),
}));

function atTopClock(problem: PlanningProblem): PlanningProblem {
  return { ...problem, limits: { ...problem.limits, minSmClockMhz: ABOVE_ALL_MHZ } };
}

/** Jobs that wait count as running on the workers asked for, first come first served, as far as there is room for them now. */
function startedAtArrival(problem: PlanningProblem): PlanningJob[] {
  const capacity = new GpuCapacity(problem);
  for (const job of problem.jobs) if (job.workers > 0) capacity.take(job.pool, 0, 1, job.workers);
  const waiting = problem.jobs.filter(
    (job) => job.workers === 0 && (job.earliestStartAt ?? 0) <= problem.nowMs,
  );
  const started = new Set<PlanningJob>();
  for (const job of waiting.toSorted((a, b) => a.submittedAt - b.submittedAt)) {
    if (!capacity.fits(job.pool, 0, 1, job.requestedWorkers)) continue;
    capacity.take(job.pool, 0, 1, job.requestedWorkers);
    started.add(job);
  }
  return problem.jobs.map((job) =>
    started.has(job) ? { ...job, started: true, workers: job.requestedWorkers } : job,
  );
}
