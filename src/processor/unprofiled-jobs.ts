import { add, gpusForJobs } from "./capacity.ts";
import type { Context } from "./context.ts";
import { decide, plainReason, runningLeaseEnd } from "./decisions.ts";
import { isAlive, publishJob } from "./jobs.ts";
import { profileOf } from "./lookups.ts";
import type { JobRecord, JobSetpoint } from "./state.generated.ts";
import { jobKind } from "./state-kinds.ts";

type Named = readonly [id: string, job: JobRecord];

/**
 * Live jobs whose model has no profile on their pool: they can't be planned and get what they asked for, at the
 * hardware's own clocks, as long as there is room. Those that run come first, then priority, then submission.
 */
export function unprofiledJobs(context: Context): readonly Named[] {
  return context.state
    .range(jobKind, context.cluster)
    .filter(([, job]) => isAlive(job) && profileOf(context, job.spec.pool, job.spec.model) === undefined)
    .sort(
      ([, a], [, b]) =>
        Number(b.workers > 0) - Number(a.workers > 0) ||
        b.spec.priority - a.spec.priority ||
        a.submittedAt - b.submittedAt,
    );
}

/** GPUs that plans leave to unprofiled jobs, by pool: to those that run, and to others as far as GPUs are idle. */
export function reservedGpus(context: Context): Map<string, number> {
  const idle = gpusForJobs(context);
  for (const [, job] of context.state.range(jobKind, context.cluster)) add(idle, job.spec.pool, -job.workers);
  const reserved = new Map<string, number>();
  for (const [, job] of unprofiledJobs(context)) {
    const { pool } = job.spec;
    const workers = wantedWorkers(job);
    const more = workers - job.workers;
    if (more > 0 && more > (idle.get(pool) ?? 0)) continue;
    add(idle, pool, -more);
    add(reserved, pool, workers);
  }
  return reserved;
}

/** Decides unprofiled jobs. `room`: GPUs of each pool that are left, by planned jobs too. */
export function decideUnprofiledJobs(context: Context, room: Map<string, number>): void {
  for (const [id, job] of unprofiledJobs(context)) {
    const { pool } = job.spec;
    const workers = wantedWorkers(job);
    const more = workers - job.workers;
    const runs = more === 0 || more <= (room.get(pool) ?? 0);
    if (workers > 0) settle(context, id, job, runs ? workers : 0);
    if (runs) add(room, pool, -more);
  }
}

/** What it runs with, otherwise what it asked for; nothing once somebody else has paused it. */
function wantedWorkers(job: JobRecord): number {
  return job.workers > 0 || job.overridden ? job.workers : job.spec.requestedWorkers;
}

function settle(context: Context, id: string, job: JobRecord, workers: number): void {
  const setpoint: JobSetpoint = { action: workers > 0 ? "run" : "hold", workers, smClockMhz: null };
  if (job.decided?.action === setpoint.action && job.decided.workers === workers) return;
  job.decided = setpoint;
  const what = workers > 0 ? "runs as asked for" : "waits for room";
  job.why = `ERR_PROFILE_UNKNOWN: no profile for ${job.spec.model} on the GPUs of ${job.spec.pool}; ${what}`;
  context.state.put(jobKind, context.cluster, id, job);
  decide(context, {
    target: { kind: "job", id },
    action: setpoint.action,
    workers: workers > 0 ? workers : null,
    smClockMhz: null,
    onLeaseEnd: workers > 0 ? runningLeaseEnd(context) : "run",
    reason: plainReason("none", "profile-unknown"),
    planHash: "",
  });
  publishJob(context, id, job);
}
