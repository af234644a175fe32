import type {
  JobPlan,
  Planner,
  PlannerResult,
  PlanningJob,
  PlanningProblem,
} from "../../src/planners/index.ts";
import { findProfile, profileLibrary } from "../../src/profiles/index.ts";
import type { Profile } from "../../src/records/index.ts";

export const hour = 3_600_000;
export const slotCount = 48;
export function profileOf(model: string): Profile {
  return { ...findProfile(profileLibrary, model, "rtx-4090"), cluster: "test", observedAt: 0 };
}

/** A job that takes `hours` on the workers it asks for at the top clock. */
export function job(id: string, hours: number, change: Partial<PlanningJob> = {}): PlanningJob {
  const profile = profileOf("resnet50");
  const requestedWorkers = change.requestedWorkers ?? 1;
  const throughput = profile.scaling.find(({ workers }) => workers === requestedWorkers)!.relativeThroughput;
  return {
    id,
    pool: "train",
    profile,
    samplesLeft: hours * 3600 * profile.samplesPerSecond * throughput,
    speedRatio: 1,
    submittedAt: 0,
    deadlineAt: null,
    earliestStartAt: null,
    priority: 0,
    requestedWorkers,
    minWorkers: 1,
    maxWorkers: 8,
    pausable: false,
    resizable: false,
    restartCostMs: 0,
    workers: 0,
    started: false,
    smClockMhz: null,
    ...change,
  };
}

export function problem(
  jobs: readonly PlanningJob[],
  change: Partial<PlanningProblem> = {},
): PlanningProblem {
  const pool = (name: string, purpose: "training" | "inference", gpus: number) => ({
    pool: { name, purpose, gpuModel: "rtx-4090", gpus },
    gpus,
  });
  return {
    nowMs: 0,
    pue: 1.2,
    powerCapWatts: null,
    limits: { minSmClockMhz: null, maxSmClockMhz: null },
    // Dear by day, cheap from hour 10 to 17; the other way round for carbon.
    slots: Array.from({ length: slotCount }, (_, t) => ({
      startsAt: t * hour,
      durationMs: hour,
      gco2PerKwh: t % 24 >= 10 && t % 24 < 18 ? 500 : 200,
      pricePerKwh: t % 24 >= 10 && t % 24 < 18 ? 0.12 : 0.3,
      onSiteWatts: 0,
    })),
    pools: [pool("train", "training", 8), pool("serve", "inference", 8)],
    jobs,
    services: [],
    intensityForecastUsable: true,
    ...change,
  };
}

export function plan(planner: Planner, input: PlanningProblem): PlannerResult {
  const run = planner.plan(input);
  for (;;) {
    const next = run.next();
    if (next.done === true) return next.value;
  }
}

export function jobPlan(planner: Planner, input: PlanningProblem, id: string): JobPlan {
  return plan(planner, input).jobs.find((entry) => entry.id === id)!;
}
