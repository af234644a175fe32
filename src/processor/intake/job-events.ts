import { accountOf } from "../../ledger/index.ts";
import { CarmError, type JobEvent, type JobEventType, type JobState } from "../../records/index.ts";
import { type Context, declaration, forgetDecisions, requestPlan } from "../context.ts";
import { decidedWorkers, isAlive, publishJob } from "../jobs.ts";
import { hourAccount, keepHourAccount } from "../ledger-hours.ts";
import { measureSpeed } from "../speed.ts";
import type { JobRecord } from "../state.generated.ts";
import { jobKind, removedServiceKind, serviceKind } from "../state-kinds.ts";

const stateAfter: Partial<Record<JobEventType, JobState>> = {
  started: "running",
  progress: "running",
  resumed: "running",
  resized: "running",
  paused: "paused",
  finished: "finished",
  failed: "failed",
  cancelled: "cancelled",
};

const endStates: ReadonlySet<JobState> = new Set(["finished", "failed", "cancelled"]);

/** An event that is not newer than the last one of its subject is a duplicate. */
export function takeJobEvent(context: Context, event: JobEvent): void {
  if (event.type === "service_declared" || event.type === "service_removed") takeServiceEvent(context, event);
  else if (event.type === "submitted") takeSubmission(context, event);
  else takeJobChange(context, event);
}

function takeSubmission(context: Context, event: JobEvent): void {
  const known = context.state.get(jobKind, context.cluster, event.subject);
  // The name of a job that has ended may be used again.
  if (known !== undefined && (isAlive(known) || event.sequence <= known.sequence)) {
    context.control.duplicates += 1;
    return;
  }
  const spec = event.job;
  if (spec === null) throw new CarmError("ERR_RECORD_INVALID", "a submission needs its `job`");
  const pools = declaration(context)?.pools;
  if (pools !== undefined && !pools.some((pool) => pool.name === spec.pool)) {
    const names = pools.map((pool) => pool.name).join(", ");
    throw new CarmError("ERR_RECORD_INVALID", `there is no pool ${spec.pool}; the cluster has ${names}`);
  }
  const job: JobRecord = {
    spec,
    sequence: event.sequence,
    state: "waiting",
    submittedAt: event.observedAt,
    startedAt: null,
    finishedAt: null,
    samplesDone: 0,
    workers: 0,
    steadySince: 0,
    steadySamples: 0,
    speedRatio: 1,
    decided: null,
    plannedStartAt: null,
    expectedFinishAt: null,
    energyKwh: 0,
    gco2: 0,
    infeasible: false,
    overridden: false,
    why: "submitted, not planned yet",
  };
  context.state.put(jobKind, context.cluster, event.subject, job);
  publishJob(context, event.subject, job);
  requestPlan(context, "job-submitted");
}

function takeJobChange(context: Context, event: JobEvent): void {
  const job = context.state.get(jobKind, context.cluster, event.subject);
  if (job === undefined) {
    throw new CarmError(
      "ERR_RECORD_INVALID",
      `there is no job ${event.subject}: its submission was never seen`,
    );
  }
  if (event.sequence <= job.sequence || endStates.has(job.state)) {
    context.control.duplicates += 1;
    return;
  }
  job.sequence = event.sequence;
  measureSpeed(context, event, job);
  bookProgress(context, event, job);
  job.workers = event.progress?.workers ?? 0;
  job.state = stateAfter[event.type] ?? job.state;
  if (event.type === "started") job.startedAt ??= event.observedAt;
  if (endStates.has(job.state)) {
    job.finishedAt = event.observedAt;
    job.workers = 0;
    job.why = event.detail === "" ? job.state : `${job.state}: ${event.detail}`;
  }
  context.state.put(jobKind, context.cluster, event.subject, job);
  if (event.type !== "progress") publishJob(context, event.subject, job);
  if (endStates.has(job.state)) {
    forgetDecisions(context, { kind: "job", id: event.subject });
    requestPlan(context, `job-${job.state}`);
  } else if (event.type !== "progress" && job.workers !== decidedWorkers(job)) {
    // Not as planned: a board was lost, or somebody else had a hand in it.
    requestPlan(context, `job-${event.type}`);
  }
}

function bookProgress(context: Context, event: JobEvent, job: JobRecord): void {
  if (event.progress === null) return;
  const hour = hourAccount(context, event.observedAt);
  accountOf(hour, "job", event.subject).samples += event.progress.samplesDone - job.samplesDone;
  keepHourAccount(context, event.observedAt, hour);
  job.samplesDone = event.progress.samplesDone;
}

function takeServiceEvent(context: Context, event: JobEvent): void {
  const known = context.state.get(serviceKind, context.cluster, event.subject);
  const removed = context.state.get(removedServiceKind, context.cluster, event.subject);
  const isRemoval = event.type === "service_removed";
  const lastSequence = (known ?? removed)?.sequence ?? Number.NEGATIVE_INFINITY;
  if (event.sequence <= lastSequence || (isRemoval && known === undefined)) {
    context.control.duplicates += 1;
    return;
  }
  if (isRemoval) {
    context.state.put(removedServiceKind, context.cluster, event.subject, {
      sequence: event.sequence,
      removedAt: context.nowMs,
    });
    context.state.delete(serviceKind, context.cluster, event.subject);
    forgetDecisions(context, { kind: "service", id: event.subject });
  } else {
    if (event.service === null) {
      throw new CarmError("ERR_RECORD_INVALID", "a declaration of a service needs its `service`");
    }
    context.state.put(serviceKind, context.cluster, event.subject, {
      spec: event.service,
      sequence: event.sequence,
      declaredAt: known?.declaredAt ?? event.observedAt,
      windows: known?.windows ?? [],
      guard: known?.guard ?? "",
      decidedSmClockMhz: known?.decidedSmClockMhz ?? null,
      plannedSmClockMhz: known?.plannedSmClockMhz ?? null,
    });
  }
  requestPlan(context, event.type.replace("_", "-"));
}
