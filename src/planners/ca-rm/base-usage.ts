import { busyPowerWatts, servingPowerWatts } from "../../profiles/index.ts";
import type { PlanningProblem } from "../planner.ts";
import { arrivalsIn, medianLevel } from "../serving-clocks.ts";
import type { Horizon } from "./horizon.ts";
import { Usage } from "./usage.ts";

/** What is used before any job is placed: idle power of all GPUs, and the services at their planned clocks. */
export function baseUsage(
  problem: PlanningProblem,
  horizon: Horizon,
  serviceClocks: readonly (readonly number[])[],
): Usage {
  const idle = idlePowerWatts(problem);
  const freeGpus = new Map(
    problem.pools.map(({ pool, gpus }) => {
      const serving = problem.services.reduce((sum, s) => sum + (s.pool === pool.name ? s.gpus : 0), 0);
      return [pool.name, new Int32Array(horizon.slots).fill(Math.max(0, gpus - serving))];
    }),
  );
  const watts = new Float64Array(horizon.slots).fill(idle);
  const freeWatts = new Float64Array(horizon.slots).fill(
    (problem.powerCapWatts ?? Number.POSITIVE_INFINITY) - idle,
  );
  problem.services.forEach((service, s) => {
    const { profile, gpus } = service;
    const level = medianLevel(service);
    problem.slots.forEach((slot, t) => {
      const smClockMhz = serviceClocks[s]![t]!;
      const requestsPerSecondPerGpu = arrivalsIn(service, slot, level, problem.nowMs) / Math.max(1, gpus);
      const mean = servingPowerWatts(profile, { requestsPerSecondPerGpu, smClockMhz });
      watts[t]! += gpus * (mean - profile.gpu.idlePowerWatts);
      // The cap holds even if every GPU of the service is busy.
      freeWatts[t]! -= gpus * (busyPowerWatts(profile, smClockMhz) - profile.gpu.idlePowerWatts);
    });
  });
  return new Usage(horizon, freeGpus, freeWatts, watts);
}

/** Of all GPUs that work, by the profiles at hand; a model that no profile names is left out. */
export function idlePowerWatts(problem: PlanningProblem): number {
  const known = new Map(
    [...problem.jobs, ...problem.services].map(({ profile: { gpu } }) => [gpu.model, gpu.idlePowerWatts]),
  );
  return problem.pools.reduce((sum, { pool, gpus }) => sum + gpus * (known.get(pool.gpuModel) ?? 0), 0);
}
