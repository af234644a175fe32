import type { JobEvent, JobSpec, ServiceSpec } from "../records/index.ts";

/**
 * A training job as its owner describes it. What is left out gets the safe value: not pausable, not resizable, one
 * gang of exactly the workers asked for, no deadline.
 */
export interface JobSubmission {
  /** The job's id, unique in its cluster. */
  readonly job: string;
  readonly pool: string;
  /** Deep-learning model; the planner looks for a profile of this name. */
  readonly model: string;
  /** Workers asked for, one GPU each. */
  readonly workers: number;
  /** Work to do, samples; unknown if left out. */
  readonly samples?: number | undefined;
  /** Epoch milliseconds. */
  readonly deadlineAt?: number | undefined;
  /** `hard` unless given. */
  readonly deadlineKind?: JobSpec["deadlineKind"] | undefined;
  /** Epoch milliseconds. */
  readonly earliestStartAt?: number | undefined;
  /** Higher goes first; 0 unless given. */
  readonly priority?: number | undefined;
  /** Least and most workers it can run with; both `workers` unless given. */
  readonly minWorkers?: number | undefined;
  readonly maxWorkers?: number | undefined;
  readonly pausable?: boolean | undefined;
  readonly resizable?: boolean | undefined;
  /** Time without progress after each start, resume and resize, milliseconds. */
  readonly restartCostMs?: number | undefined;
  /** Who runs it; `external` unless given. */
  readonly system?: JobSpec["system"] | undefined;
  /** The workload in its own system, for example `namespace/name`; the job's id unless given. */
  readonly ref?: string | undefined;
}

/** An inference service as its owner describes it. */
export interface ServiceDeclaration extends ServiceSpec {
  /** The service's id, unique in its cluster. */
  readonly service: string;
}

/** The moment at which an event is made: its time and its place in the order of its subject's events. */
export interface EventMoment {
  readonly cluster: string;
  /** Epoch milliseconds; also the event's sequence, which must rise with each event of a subject. */
  readonly nowMs: number;
}

export function submittedEvent(moment: EventMoment, submission: JobSubmission): JobEvent {
  const { job, workers } = submission;
  const spec: JobSpec = {
    system: submission.system ?? "external",
    ref: submission.ref ?? job,
    pool: submission.pool,
    model: submission.model,
    samples: submission.samples ?? null,
    deadlineAt: submission.deadlineAt ?? null,
    deadlineKind: submission.deadlineKind ?? "hard",
    earliestStartAt: submission.earliestStartAt ?? null,
    priority: submission.priority ?? 0,
    requestedWorkers: workers,
    minWorkers: submission.minWorkers ?? workers,
    maxWorkers: submission.maxWorkers ?? workers,
    pausable: submission.pausable ?? false,
    resizable: submission.resizable ?? false,
    restartCostMs: submission.restartCostMs ?? 0,
  };
  return { ...plainEvent(moment, job, "submitted", ""), job: spec };
}

export function serviceDeclaredEvent(
  moment: EventMoment,
  { service, pool, model, latencyQuantile, latencyTargetMs, gpus }: ServiceDeclaration,
): JobEvent {
  const spec = { pool, model, latencyQuantile, latencyTargetMs, gpus };
  return { ...plainEvent(moment, service, "service_declared", ""), service: spec };
}

/** An event that carries nothing but what happened and, for people, why. */
export function plainEvent(
  { cluster, nowMs }: EventMoment,
  subject: string,
  type: JobEvent["type"],
  detail: string,
): JobEvent {
  return {
    cluster,
    observedAt: nowMs,
    subject,
    sequence: nowMs,
    type,
    job: null,
    service: null,
    progress: null,
    detail,
  };
}
