import type { JobEvent, JobEventType } from "../records/index.ts";
import type { ObservedWorkload } from "./actuators/actuator.ts";
import type { SubjectMemory } from "./agent-store.ts";
import type { Clock } from "./clock.ts";
import { nextSequence } from "./sequence.ts";

type Phase = SubjectMemory["phase"];

export interface JobTrackerOptions {
  readonly cluster: string;
  readonly clock: Clock;
  readonly progressIntervalMs: number;
  readonly subjects: ReadonlyMap<string, SubjectMemory>;
}

interface Subject extends SubjectMemory {
  /** When its last progress was told, monotonic ms. */
  readonly toldAtMs: number;
}

const finalPhases: ReadonlySet<Phase> = new Set(["finished", "failed", "cancelled"]);

/** Workers a job runs with: as asked for where the scheduler can't tell. */
export function runningWorkers({ phase, progress, job }: ObservedWorkload): number {
  return phase === "running" ? (progress?.workers ?? job?.requestedWorkers ?? 0) : 0;
}

/**
 * Derives the events of a cluster's jobs and services from what its scheduler shows. A phase that was passed between
 * two looks is told all the same: a job found finished that was last seen waiting has started, too.
 */
export class JobTracker {
  readonly #options: JobTrackerOptions;
  readonly #subjects = new Map<string, Subject>();

  constructor(options: JobTrackerOptions) {
    this.#options = options;
    for (const [id, memory] of options.subjects) {
      this.#subjects.set(id, { ...memory, toldAtMs: Number.NEGATIVE_INFINITY });
    }
  }

  /** What must outlast a restart. */
  get subjects(): ReadonlyMap<string, SubjectMemory> {
    return this.#subjects;
  }

  /** Workers that a job last ran with; 0 if it never ran. */
  lastWorkers(job: string): number {
    return this.#subjects.get(job)?.workers ?? 0;
  }

  /** The events since the last look. */
  look(workloads: readonly ObservedWorkload[]): readonly JobEvent[] {
    const events: JobEvent[] = [];
    for (const workload of workloads) this.#lookAt(workload, events);
    if (this.#subjects.size > workloads.length) this.#forgetVanished(workloads, events);
    return events;
  }

  #lookAt(workload: ObservedWorkload, events: JobEvent[]): void {
    const known = this.#subjects.get(workload.id);
    const nowMs = this.#options.clock.monotonicMs();
    const types = eventTypes(workload, known);
    const isRunning = workload.phase === "running";
    if (types.length === 0) {
      if (!isRunning || workload.progress === null) return;
      if (nowMs - known!.toldAtMs < this.#options.progressIntervalMs) return;
      types.push("progress");
    }
    let sequence = known?.sequence ?? 0;
    for (const type of types) {
      const event = this.#event(workload.id, type, sequence, workload.detail);
      sequence = event.sequence;
      events.push({
        ...event,
        job: type === "submitted" ? workload.job : null,
        service: type === "service_declared" ? workload.service : null,
        progress: progressTypes.has(type) ? workload.progress : null,
      });
    }
    const workers = workersSoFar(workload, known?.workers ?? 0, types.includes("started"));
    this.#subjects.set(workload.id, { phase: workload.phase, workers, sequence, toldAtMs: nowMs });
  }

  #forgetVanished(workloads: readonly ObservedWorkload[], events: JobEvent[]): void {
    const present = new Set(workloads.map(({ id }) => id));
    for (const [id, { phase, sequence }] of this.#subjects) {
      if (present.has(id)) continue;
      this.#subjects.delete(id);
      if (finalPhases.has(phase)) continue;
      const type = phase === "serving" ? "service_removed" : "cancelled";
      events.push(this.#event(id, type, sequence, "The scheduler no longer knows it."));
    }
  }

  #event(subject: string, type: JobEventType, previous: number, detail: string): JobEvent {
    const observedAt = this.#options.clock.wallMs();
    const sequence = nextSequence(previous, observedAt);
    const { cluster } = this.#options;
    return { cluster, observedAt, subject, sequence, type, job: null, service: null, progress: null, detail };
  }
}

const progressTypes: ReadonlySet<JobEventType> = new Set([
  "started",
  "progress",
  "paused",
  "resumed",
  "resized",
  "finished",
]);

/** Workers it runs with or last ran with; 0 if it never ran. */
function workersSoFar(workload: ObservedWorkload, before: number, started: boolean): number {
  if (workload.phase === "running") return runningWorkers(workload);
  return before === 0 && started
    ? workload.progress?.workers || (workload.job?.requestedWorkers ?? 0)
    : before;
}

/** What happened to a workload since it was last seen; all its events at first sight. */
function eventTypes(workload: ObservedWorkload, known: SubjectMemory | undefined): JobEventType[] {
  const { phase } = workload;
  if (workload.job === null) {
    if (known?.phase === phase) return [];
    return phase === "serving" ? ["service_declared"] : known?.phase === "serving" ? ["service_removed"] : [];
  }
  const isNew = known === undefined || (finalPhases.has(known.phase) && !finalPhases.has(phase));
  const types: JobEventType[] = isNew ? ["submitted"] : [];
  const before: Phase = isNew ? "waiting" : known.phase;
  const hasRun = !isNew && known.workers > 0;
  if (before === phase) {
    const resized = phase === "running" && known!.workers !== runningWorkers(workload);
    return resized ? [...types, "resized"] : types;
  }
  if (finalPhases.has(before)) return types;
  if (phase === "running") types.push(hasRun ? "resumed" : "started");
  else if (phase === "waiting") types.push("paused");
  else {
    if (!hasRun && (phase === "paused" || phase === "finished")) types.push("started");
    types.push(phase as JobEventType);
  }
  return types;
}
