import { servingPowerWatts } from "../../profiles/index.ts";
import type { Profile } from "../../records/index.ts";
import type { PlanningProblem, PlanningService, ServicePlan } from "../planner.ts";

/**
 * Grams per kWh of IT energy in each slot, PUE included, net of on-site supply, which all consumers share in proportion
 * to their power: intensity * PUE * max(0, 1 - supply / (PUE * power)).
 *
 * @param trainingWatts Mean power of all jobs above idle, one value a slot.
 */
export function netGramsPerKwh(
  problem: PlanningProblem,
  services: readonly ServicePlan[],
  trainingWatts: readonly number[],
): readonly number[] {
  const idle = idleWatts(problem);
  return problem.slots.map((slot, t) => {
    let watts = idle + trainingWatts[t]!;
    problem.services.forEach((service, i) => {
      watts += servingWattsAboveIdle(service, services[i]!.smClockMhz[t]!, slot.startsAt);
    });
    const facilityWatts = watts * problem.pue;
    const bought = facilityWatts > 0 ? Math.max(0, 1 - slot.onSiteWatts / facilityWatts) : 1;
    return slot.gco2PerKwh * problem.pue * bought;
  });
}

/** Power of a service above idle at its median arrivals, watts. */
function servingWattsAboveIdle(service: PlanningService, smClockMhz: number, at: number): number {
  if (service.gpus === 0) return 0;
  const { startsAt, stepMs, levels, values } = service.arrivals;
  const median = values[levels.indexOf(0.5)]!;
  const step = Math.min(median.length - 1, Math.max(0, Math.floor((at - startsAt) / stepMs)));
  const requestsPerSecondPerGpu = (median[step] ?? 0) / service.gpus;
  const watts = servingPowerWatts(service.profile, { requestsPerSecondPerGpu, smClockMhz });
  return service.gpus * (watts - service.profile.gpu.idlePowerWatts);
}

/** Of all GPUs; a pool that no job or service uses counts nothing, as its GPU model is not known here. */
function idleWatts(problem: PlanningProblem): number {
  const profiles = new Map<string, Profile>();
  for (const user of [...problem.jobs, ...problem.services]) profiles.set(user.pool, user.profile);
  return problem.pools.reduce(
    (sum, { pool, gpus }) => sum + gpus * (profiles.get(pool.name)?.gpu.idlePowerWatts ?? 0),
    0,
  );
}
