import { busyPowerWatts } from "../profiles/index.ts";
import {
  type Action,
  assert,
  type Plan,
  type PlannedJob,
  type Profile,
  type Reason,
} from "../records/index.ts";
import { add, gpusForJobs } from "./capacity.ts";
import { type Context, declaration } from "./context.ts";
import { allowedClockMhz, assertClock, decide, plainReason, runningLeaseEnd } from "./decisions.ts";
import { expectedIntensity, intensityForecast, valueAt } from "./forecasts.ts";
import { intensityBasis, reasonCode } from "./intensity-basis.ts";
import { decidedWorkers, isAlive, publishJob } from "./jobs.ts";
import { profileOf } from "./lookups.ts";
import { restartWindow } from "./speed.ts";
import type { JobRecord, JobSetpoint } from "./state.generated.ts";
import { jobKind } from "./state-kinds.ts";
import { decideUnprofiledJobs } from "./unprofiled-jobs.ts";

/**
 * Decides every live job's setpoint for one slot of the plan; publishes those that change. A plan knows only what was
 * so when it was begun: what there is no room for any more waits for the next one.
 */
export function decideJobs(context: Context, plan: Plan, slot: number): void {
  const entries = new Map(plan.jobs.map((entry) => [entry.job, entry]));
  const room = gpusForJobs(context);
  const decisions: PlannedDecision[] = [];
  for (const [id, job] of context.state.range(jobKind, context.cluster)) {
    if (!isAlive(job)) continue;
    const profile = profileOf(context, job.spec.pool, job.spec.model);
    const entry = profile && entries.get(id);
    const isLeftAlone = job.overridden && job.workers === 0;
    const workers = entry === undefined ? job.workers : workersNow(job, entry.workers[slot] as number);
    add(room, job.spec.pool, -Math.min(workers, job.workers));
    if (profile === undefined || entry === undefined || isLeftAlone) continue;
    decisions.push({ id, job, profile, plan, entry, slot, workers });
  }
  for (const decision of decisions) {
    const { job, workers } = decision;
    const more = Math.max(0, workers - job.workers);
    const fits = more <= (room.get(job.spec.pool) ?? 0);
    if (fits) add(room, job.spec.pool, -more);
    decidePlanned(context, fits ? decision : { ...decision, workers: job.workers });
  }
  decideUnprofiledJobs(context, room);
  assertCapacity(context);
}

/** What a plan gives a job, unless that is not CA-RM's to take: a job that may not be paused goes on after a loss. */
function workersNow(job: JobRecord, planned: number): number {
  const mayNotStop = job.state === "running" && !job.spec.pausable;
  return job.overridden || (mayNotStop && planned === 0) ? job.workers : planned;
}

/** What runs already may be more than there is after a loss; nothing may be added to it then. */
function assertCapacity(context: Context): void {
  const decided = new Map<string, { total: number; added: number }>();
  for (const [, job] of context.state.range(jobKind, context.cluster)) {
    if (!isAlive(job)) continue;
    const workers = decidedWorkers(job);
    const sum = decided.get(job.spec.pool) ?? { total: 0, added: 0 };
    sum.total += workers;
    sum.added += Math.max(0, workers - job.workers);
    decided.set(job.spec.pool, sum);
  }
  for (const { name, gpus } of declaration(context)?.pools ?? []) {
    const { total, added } = decided.get(name) ?? { total: 0, added: 0 };
    assert(total <= gpus || added === 0, `${total} workers decided for the ${gpus} GPUs of pool ${name}`);
  }
}

interface PlannedDecision {
  readonly id: string;
  readonly job: JobRecord;
  readonly profile: Profile;
  readonly plan: Plan;
  readonly entry: PlannedJob;
  readonly slot: number;
  readonly workers: number;
}

function decidePlanned(context: Context, decision: PlannedDecision): void {
  const { id, job, profile, plan, entry, slot, workers } = decision;
  const clockMhz = entry.smClockMhz[slot] as number;
  const setpoint: JobSetpoint = {
    action: actionFor(job, workers),
    workers,
    smClockMhz: workers > 0 && clockMhz > 0 ? allowedClockMhz(context, profile, clockMhz) : null,
  };
  assertAllowed(context, id, job, profile, setpoint);

  const firstSlot = entry.workers.findIndex((count) => count > 0);
  job.plannedStartAt =
    firstSlot < 0 ? null : Math.max(context.nowMs, plan.startsAt + firstSlot * plan.slotMs);
  job.expectedFinishAt = entry.expectedFinishAt;
  const changed = !sameSetpoint(job.decided, setpoint);
  const turnedInfeasible = !entry.feasible && !job.infeasible;
  job.infeasible = !entry.feasible;
  if (changed) {
    if (job.decided?.smClockMhz !== setpoint.smClockMhz) restartWindow(job, context.nowMs, job.samplesDone);
    job.decided = setpoint;
    job.why = why(context, decision, setpoint);
    decide(context, {
      target: { kind: "job", id },
      action: setpoint.action,
      workers: workers > 0 ? workers : null,
      smClockMhz: setpoint.smClockMhz,
      // Without word from the processor a job that waits is released in time for its deadline.
      onLeaseEnd: workers > 0 ? runningLeaseEnd(context) : "run",
      reason: reasonFor(context, decision, setpoint),
      planHash: plan.hash,
    });
  }
  context.state.put(jobKind, context.cluster, id, job);
  if (changed || turnedInfeasible) publishJob(context, id, job);
}

function actionFor(job: JobRecord, workers: number): Action {
  if (workers > 0) return "run";
  return job.startedAt === null ? "hold" : "pause";
}

/** The laws of every decision: abilities, worker limits, clocks. */
function assertAllowed(
  context: Context,
  id: string,
  job: JobRecord,
  profile: Profile,
  setpoint: JobSetpoint,
): void {
  const { spec } = job;
  if (setpoint.action === "pause") {
    assert(spec.pausable || job.state !== "running", `job ${id} may not be paused`);
    return;
  }
  if (setpoint.action !== "run") return;
  if (setpoint.smClockMhz !== null) assertClock(context, profile, setpoint.smClockMhz);
  if (job.overridden) {
    assert(setpoint.workers === job.workers, `job ${id} is in somebody else's hands`);
    return;
  }
  assert(
    spec.resizable || setpoint.workers === spec.requestedWorkers,
    `job ${id} may not be resized from ${spec.requestedWorkers} to ${setpoint.workers} workers`,
  );
  assert(
    setpoint.workers >= spec.minWorkers && setpoint.workers <= spec.maxWorkers,
    `${setpoint.workers} workers are outside ${spec.minWorkers} to ${spec.maxWorkers} of job ${id}`,
  );
}

function reasonFor(context: Context, decision: PlannedDecision, setpoint: JobSetpoint): Reason {
  const { job, profile, plan, entry } = decision;
  const basis = intensityBasis(context, intensityForecast(context));
  const untilMs = job.spec.deadlineAt ?? plan.startsAt + entry.workers.length * plan.slotMs;
  return {
    ...plainReason(plan.planner, reasonCode(setpoint.action === "run" ? "plan" : "plan-wait", basis)),
    gco2PerKwh: expectedIntensity(context, context.nowMs),
    forecastGco2PerKwh: meanIntensity(context, untilMs),
    expectedPowerWatts:
      setpoint.smClockMhz === null ? 0 : setpoint.workers * busyPowerWatts(profile, setpoint.smClockMhz),
    expectedGrams: entry.expectedGrams,
    expectedFinishAt: entry.expectedFinishAt,
  };
}

function meanIntensity(context: Context, untilMs: number): number {
  const forecast = intensityForecast(context);
  if (forecast === undefined) return expectedIntensity(context, context.nowMs);
  let sum = 0;
  let count = 0;
  for (let timeMs = context.nowMs; timeMs < untilMs || count === 0; timeMs += forecast.stepMs) {
    sum += valueAt(forecast, 0.5, timeMs);
    count += 1;
  }
  return sum / count;
}

/** The reason in words, for people. */
function why(context: Context, { entry, plan }: PlannedDecision, setpoint: JobSetpoint): string {
  const intensity = Math.round(expectedIntensity(context, context.nowMs));
  if (!entry.feasible) return "runs at the most it may use: its deadline can't be met";
  if (setpoint.action === "run") {
    return `runs on ${setpoint.workers} workers at ${setpoint.smClockMhz} MHz by plan of ${plan.planner}; intensity is ${intensity} g/kWh`;
  }
  return `waits for a better hour by plan of ${plan.planner}; intensity is ${intensity} g/kWh`;
}

function sameSetpoint(a: JobSetpoint | null, b: JobSetpoint): boolean {
  return a !== null && a.action === b.action && a.workers === b.workers && a.smClockMhz === b.smClockMhz;
}
