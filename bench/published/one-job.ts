import { findPlanner, type PlanningJob, type PlanningProblem } from "../../src/planners/index.ts";
import { busyPowerWatts, findProfile, profileLibrary, samplesPerSecond } from "../../src/profiles/index.ts";
import type { Profile } from "../../src/records/index.ts";

export const HOUR_MS = 3_600_000;

/** Training on V100s at the highest clock: the nearest to the K80s and A100s of the papers that ships. */
export const profile: Profile = {
  ...findProfile(profileLibrary, "resnet50", "v100"),
  cluster: "bench",
  observedAt: 0,
};

/** One job alone on eight GPUs, planned once at its arrival; intensity is of its hours, from there on. */
export interface OneJob {
  readonly hours: number;
  readonly deadlineHours: number;
  readonly pausable: boolean;
  readonly maxWorkers: number;
  /** What the planner believes. */
  readonly forecast: readonly number[];
  readonly truth: readonly number[];
}

/** Grams above idle of the plan that a policy makes for the job, at the true intensity. */
export function gramsOf(policy: string, one: OneJob): number {
  const problem = problemOf(one);
  const run = findPlanner(policy).plan(problem);
  let next = run.next();
  while (next.done !== true) next = run.next();
  const [plan] = next.value.jobs;
  const job = problem.jobs[0]!;
  let left = job.samplesLeft;
  let grams = 0;
  plan!.workers.forEach((workers, t) => {
    if (workers === 0 || left <= 0) return;
    const mhz = plan!.smClockMhz[t]!;
    const perHour = samplesPerSecond(profile, workers, mhz) * 3600;
    const hours = Math.min(1, left / perHour);
    left -= hours * perHour;
    const watts = workers * (busyPowerWatts(profile, mhz) - profile.gpu.idlePowerWatts);
    grams += (hours * watts * one.truth[t]!) / 1000;
  });
  return grams;
}

function problemOf({ hours, deadlineHours, pausable, maxWorkers, forecast }: OneJob): PlanningProblem {
  const job: PlanningJob = {
    id: "job",
    pool: "train",
    profile,
    samplesLeft: hours * 3600 * samplesPerSecond(profile, 1, profile.gpu.maxSmClockMhz),
    speedRatio: 1,
    submittedAt: 0,
    deadlineAt: withMargin(deadlineHours) * HOUR_MS,
    earliestStartAt: null,
    priority: 0,
    requestedWorkers: 1,
    minWorkers: 1,
    maxWorkers,
    pausable,
    resizable: maxWorkers > 1,
    restartCostMs: 0,
    workers: 0,
    started: false,
    smClockMhz: null,
  };
  return {
    nowMs: 0,
    pue: 1,
    powerCapWatts: null,
    limits: { minSmClockMhz: null, maxSmClockMhz: null },
    slots: forecast.map((gco2PerKwh, t) => ({
      startsAt: t * HOUR_MS,
      durationMs: HOUR_MS,
      gco2PerKwh,
      pricePerKwh: 0,
      onSiteWatts: 0,
    })),
    pools: [{ pool: { name: "train", purpose: "training", gpuModel: profile.gpu.model, gpus: 8 }, gpus: 8 }],
    jobs: [job],
    services: [],
    intensityForecastUsable: true,
  };
}

/** The competitors keep 5 % and ten minutes free before a deadline; the papers plan up to it. */
function withMargin(hours: number): number {
  return hours / 0.95 + 0.2;
}
