import { HOUR_MS, hourOf } from "../ledger/index.ts";
import type { PlanningJob, PlanningPool, PlanningProblem, PlanningService, Slot } from "../planners/index.ts";
import type { Cluster } from "../records/index.ts";
import { add, workingGpus } from "./capacity.ts";
import { type Context, policyInForce } from "./context.ts";
import {
  arrivalsForecast,
  expectedIntensity,
  intensityForecast,
  supplyForecast,
  valueAt,
} from "./forecasts.ts";
import { asObserved, atFixedClock, type ForeignHands, foreignHands } from "./foreign-hands.ts";
import { intensityBasis } from "./intensity-basis.ts";
import { isAlive } from "./jobs.ts";
import { limits } from "./limits.ts";
import { profileOf } from "./lookups.ts";
import { hourlyPrices } from "./prices.ts";
import { measuredTail } from "./services.ts";
import { jobKind, serviceKind } from "./state-kinds.ts";
import { reservedGpus } from "./unprofiled-jobs.ts";

/** Everything the planner may know now, from the state alone. */
export function buildProblem(context: Context, cluster: Cluster): PlanningProblem {
  const policy = policyInForce(context);
  const foreign = foreignHands(context);
  const jobs = planningJobs(context, foreign);
  const slots = buildSlots(context, jobs, foreign);
  const services = planningServices(context, slots.length, foreign);
  const intensity = intensityForecast(context);
  return {
    nowMs: context.nowMs,
    pue: cluster.pue,
    powerCapWatts: cluster.powerCapWatts === null ? null : Math.max(0, cluster.powerCapWatts - foreign.watts),
    limits: { minSmClockMhz: policy.minSmClockMhz, maxSmClockMhz: policy.maxSmClockMhz },
    slots,
    pools: planningPools(context, cluster, services),
    jobs,
    services,
    intensityForecastUsable: intensityBasis(context, intensity) !== "none",
  };
}

function planningJobs(context: Context, { fixedClockMhz, fixedPoolClockMhz }: ForeignHands): PlanningJob[] {
  const jobs: PlanningJob[] = [];
  for (const [id, job] of context.state.range(jobKind, context.cluster)) {
    if (!isAlive(job)) continue;
    const profile = profileOf(context, job.spec.pool, job.spec.model);
    // Paused by somebody else, it waits for him.
    if (profile === undefined || (job.overridden && job.workers === 0)) continue;
    const fixedMhz = job.workers > 0 ? fixedClockMhz.get(`job/${id}`) : fixedPoolClockMhz.get(job.spec.pool);
    const spec = { ...job.spec, ...asObserved(job) };
    const total = spec.samples ?? Number.POSITIVE_INFINITY;
    jobs.push({
      id,
      pool: spec.pool,
      profile: atFixedClock(profile, fixedMhz),
      samplesLeft: Math.max(total - job.samplesDone, Number.EPSILON),
      speedRatio: job.speedRatio,
      submittedAt: job.submittedAt,
      deadlineAt: spec.deadlineAt,
      earliestStartAt: spec.earliestStartAt,
      priority: spec.priority,
      requestedWorkers: spec.requestedWorkers,
      minWorkers: spec.minWorkers,
      maxWorkers: spec.maxWorkers,
      pausable: spec.pausable,
      resizable: spec.resizable,
      restartCostMs: spec.restartCostMs,
      workers: job.workers,
      started: job.startedAt !== null,
      smClockMhz: job.decided?.smClockMhz ?? null,
    });
  }
  return jobs;
}

/** Hours from the one that runs now to the last deadline, within the limits of the horizon. */
function buildSlots(context: Context, jobs: readonly PlanningJob[], foreign: ForeignHands): Slot[] {
  const startsAt = hourOf(context.nowMs);
  const lastDeadlineAt = Math.max(0, ...jobs.map((job) => job.deadlineAt ?? 0));
  const wanted = Math.ceil((lastDeadlineAt - startsAt) / HOUR_MS) + 1;
  const count = Math.min(limits.horizonHoursMax, Math.max(limits.horizonHoursMin, wanted));
  const intensity = intensityForecast(context);
  const supply = supplyForecast(context);
  const prices = hourlyPrices(context, startsAt, count);
  const slots: Slot[] = [];
  for (let index = 0; index < count; index += 1) {
    const slotStartsAt = startsAt + index * HOUR_MS;
    slots.push({
      startsAt: slotStartsAt,
      durationMs: HOUR_MS,
      gco2PerKwh: intensity
        ? valueAt(intensity, 0.5, slotStartsAt)
        : expectedIntensity(context, slotStartsAt),
      pricePerKwh: prices[index] as number,
      onSiteWatts: supply ? Math.max(0, valueAt(supply, 0.5, slotStartsAt) - foreign.watts) : 0,
    });
  }
  return slots;
}

/** Working GPUs less those of what the planner does not see: jobs without a profile, services without arrivals yet. */
function planningPools(
  context: Context,
  cluster: Cluster,
  services: readonly PlanningService[],
): PlanningPool[] {
  const working = workingGpus(context);
  const unseen = reservedGpus(context);
  const seen = new Set(services.map(({ id }) => id));
  for (const [id, { spec }] of context.state.range(serviceKind, context.cluster)) {
    if (!seen.has(id)) add(unseen, spec.pool, spec.gpus);
  }
  return cluster.pools.map((pool) => ({
    pool,
    gpus: Math.max(0, (working.get(pool.name) ?? 0) - (unseen.get(pool.name) ?? 0)),
  }));
}

/** Services with a profile and at least one observation; the others run at the top clock. */
function planningServices(
  context: Context,
  slots: number,
  { fixedClockMhz }: ForeignHands,
): PlanningService[] {
  const services: PlanningService[] = [];
  for (const [id, service] of context.state.range(serviceKind, context.cluster)) {
    const { spec } = service;
    const profile = profileOf(context, spec.pool, spec.model);
    const arrivals = arrivalsForecast(context, id, HOUR_MS, slots);
    if (profile === undefined || arrivals === undefined) continue;
    services.push({
      id,
      pool: spec.pool,
      profile: atFixedClock(profile, fixedClockMhz.get(`service/${id}`)),
      gpus: spec.gpus,
      latencyQuantile: spec.latencyQuantile,
      latencyTargetMs: spec.latencyTargetMs,
      tailFactor: measuredTail(service),
      arrivals,
    });
  }
  return services;
}
