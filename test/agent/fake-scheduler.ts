import type { ObservedWorkload, SchedulerActuator } from "../../src/agent/index.ts";
import { CarmError, type JobSpec, type ServiceSpec } from "../../src/records/index.ts";

/** A job or a service of the fake scheduler; the test may change it as its user or its cluster would. */
export interface FakeWorkload {
  readonly id: string;
  phase: ObservedWorkload["phase"];
  workers: number;
  samplesDone: number;
  readonly job: JobSpec | null;
  readonly service: ServiceSpec | null;
  detail: string;
}

/** A scheduler in memory with so many GPUs. Keeps a journal of what it did. */
export class FakeScheduler implements SchedulerActuator {
  workloads: FakeWorkload[] = [];
  readonly journal: string[] = [];
  gpus: number;
  observing: Error | null = null;
  /** While true, changes are accepted but take effect only with `settle`. */
  slow = false;
  readonly #accepted: (() => void)[] = [];

  constructor(gpus = 8) {
    this.gpus = gpus;
  }

  add(id: string, spec: Partial<JobSpec> = {}): FakeWorkload {
    const workload = { id, phase: "waiting", workers: 0, samplesDone: 0, service: null, detail: "" } as const;
    const added: FakeWorkload = { ...workload, job: { ...anyJob, ref: `test/${id}`, ...spec } };
    this.workloads.push(added);
    return added;
  }

  addService(id: string): FakeWorkload {
    const spec = { pool: "inference", model: "vision", latencyQuantile: 0.99, latencyTargetMs: 100, gpus: 2 };
    const workload = { id, phase: "serving", workers: 0, samplesDone: 0, job: null, detail: "" } as const;
    const added: FakeWorkload = { ...workload, service: spec };
    this.workloads.push(added);
    return added;
  }

  settle(): void {
    for (const change of this.#accepted.splice(0)) change();
  }

  async observe(): Promise<readonly ObservedWorkload[]> {
    if (this.observing !== null) throw this.observing;
    return this.workloads.map(({ workers, samplesDone, ...workload }) => ({
      ...workload,
      progress: workload.job === null || workload.phase === "waiting" ? null : { samplesDone, workers },
    }));
  }

  async run(id: string, workers: number): Promise<void> {
    this.journal.push(`run ${id} ${workers}`);
    const { workload, spec } = this.#job(id);
    const used = this.workloads.reduce((sum, other) => sum + (other === workload ? 0 : other.workers), 0);
    if (workers > spec.maxWorkers || workers < spec.minWorkers)
      throw refused(`${id} may not have ${workers}.`);
    if (workload.phase === "running" && workload.workers !== workers && !spec.resizable) {
      throw refused(`${id} may not be resized.`);
    }
    if (used + workers > this.gpus) throw refused(`${this.gpus - used} GPUs are free, not ${workers}.`);
    this.#take(() => Object.assign(workload, { phase: "running", workers }));
  }

  async pause(id: string): Promise<void> {
    this.journal.push(`pause ${id}`);
    const { workload, spec } = this.#job(id);
    if (workload.phase !== "running") return;
    if (!spec.pausable) throw refused(`${id} may not be paused.`);
    this.#take(() => Object.assign(workload, { phase: "paused", workers: 0 }));
  }

  #take(change: () => void): void {
    if (this.slow) this.#accepted.push(change);
    else change();
  }

  #job(id: string): { workload: FakeWorkload; spec: JobSpec } {
    const workload = this.workloads.find((candidate) => candidate.id === id);
    if (!workload?.job) throw refused(`There is no job ${id}.`);
    return { workload, spec: workload.job };
  }
}

function refused(message: string): CarmError {
  return new CarmError("ERR_ACTUATOR_FAILED", message);
}

export const anyJob: JobSpec = {
  system: "external",
  ref: "",
  pool: "training",
  model: "resnet50",
  samples: 1e6,
  deadlineAt: null,
  deadlineKind: "hard",
  earliestStartAt: null,
  priority: 0,
  requestedWorkers: 2,
  minWorkers: 1,
  maxWorkers: 4,
  pausable: true,
  resizable: true,
  restartCostMs: 0,
};
