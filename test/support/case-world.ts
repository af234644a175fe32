import { findProfile, profileLibrary, samplesPerSecond } from "../../src/profiles/index.ts";
import type {
  ActuationResult,
  Decision,
  GpuSample,
  JobEvent,
  JobEventType,
  JobSpec,
  Profile,
  ServiceSpec,
  TopicRecords,
} from "../../src/records/index.ts";
import type { SubmitEvent } from "./case-format.ts";

export const CASE_CLUSTER = "case";
export const CASE_GPU = "rtx-4090";

/** Emits an input record at the current time. */
export type Emit = <T extends keyof TopicRecords>(topic: T, value: TopicRecords[T]) => void;

interface WorldJob {
  readonly spec: JobSpec;
  readonly profile: Profile;
  sequence: number;
  state: "waiting" | "running" | "paused" | "ended";
  workers: number;
  smClockMhz: number;
  samplesDone: number;
  startedAt: number | null;
  /** Left to somebody else's hand. */
  byHand: boolean;
  decision: Decision | null;
}

/** A cluster that does at once and exactly what decisions say, for cases. */
export class CaseWorld {
  readonly jobs = new Map<string, WorldJob>();
  readonly finishedAt = new Map<string, number>();
  readonly services = new Map<string, ServiceSpec & { perSecond: number }>();
  readonly #emit: Emit;
  readonly #trainingGpus: number;
  lostGpus = 0;
  lockedByHand: { readonly lockByHand: number; readonly clockMhz: number } | null = null;
  sharedBoard: readonly string[] = [];
  #actuations = 0;

  constructor(trainingGpus: number, emit: Emit) {
    this.#trainingGpus = trainingGpus;
    this.#emit = emit;
  }

  submit(event: SubmitEvent, nowMs: number, deadlineAt: number | null): void {
    const profile = profileFor(event.model);
    const maxWorkers = event.maxWorkers ?? event.workers;
    const spec: JobSpec = {
      system: "external",
      ref: event.submit,
      pool: "training",
      model: event.modelNameUnknown ? `unknown-${event.model}` : event.model,
      samples: event.hours * 3600 * samplesPerSecond(profile, event.workers, profile.gpu.maxSmClockMhz),
      deadlineAt,
      deadlineKind: "hard",
      earliestStartAt: null,
      priority: event.priority ?? 0,
      requestedWorkers: event.workers,
      minWorkers: event.minWorkers ?? event.workers,
      maxWorkers,
      pausable: event.pausable ?? false,
      resizable: event.resizable ?? false,
      restartCostMs: 60_000,
    };
    this.jobs.set(event.submit, {
      spec,
      profile,
      sequence: 0,
      state: "waiting",
      workers: 0,
      smClockMhz: profile.gpu.maxSmClockMhz,
      samplesDone: 0,
      startedAt: null,
      byHand: false,
      decision: null,
    });
    this.#emit("carm.job-events", jobEvent("submitted", event.submit, 0, nowMs, { job: spec }));
  }

  cancel(id: string, nowMs: number): void {
    const job = this.#job(id);
    job.state = "ended";
    job.workers = 0;
    this.#report("cancelled", id, nowMs);
  }

  serve(id: string, spec: ServiceSpec, nowMs: number): void {
    this.services.set(id, { ...spec, perSecond: 0 });
    this.#emit("carm.job-events", jobEvent("service_declared", id, 1, nowMs, { service: spec }));
  }

  obey(decision: Decision, nowMs: number): void {
    if (decision.target.kind !== "job") return;
    const id = decision.target.id;
    const job = this.#job(id);
    if (job.state === "ended") return;
    job.decision = decision;
    if (job.byHand) return this.#answer("overridden", id, job, nowMs);
    if (decision.action === "run") {
      job.smClockMhz = decision.smClockMhz ?? job.profile.gpu.maxSmClockMhz;
      const workers = decision.workers as number;
      const type = job.state === "running" ? "resized" : job.state === "paused" ? "resumed" : "started";
      if (job.state === "running" && job.workers === workers) return;
      job.state = "running";
      job.startedAt ??= nowMs;
      job.workers = workers;
      this.#report(type, id, nowMs);
    } else if (decision.action === "pause" && job.state === "running") {
      job.state = "paused";
      job.workers = 0;
      this.#report("paused", id, nowMs);
    }
  }

  /** Somebody else resizes, starts or pauses a job. */
  setByHand(id: string, workers: number, nowMs: number): void {
    const job = this.#job(id);
    if (job.state === "ended") return;
    const type = workers === 0 ? "paused" : job.state === "running" ? "resized" : "resumed";
    job.state = workers === 0 ? "paused" : "running";
    job.workers = workers;
    job.byHand = true;
    this.#report(type, id, nowMs);
    this.#answer("overridden", id, job, nowMs);
  }

  /** The agent takes the job back and does what was decided about it last. */
  reclaim(id: string, nowMs: number): void {
    const job = this.#job(id);
    job.byHand = false;
    if (job.decision === null || job.state === "ended") return;
    this.obey(job.decision, nowMs);
    this.#answer("applied", id, job, nowMs);
  }

  advance(elapsedMs: number, nowMs: number, reportProgress: boolean): void {
    for (const [id, job] of this.jobs) {
      if (job.state !== "running") continue;
      job.samplesDone +=
        samplesPerSecond(job.profile, job.workers, this.#clockOf(id, job)) * (elapsedMs / 1000);
      if (job.samplesDone >= (job.spec.samples as number)) {
        job.samplesDone = job.spec.samples as number;
        job.state = "ended";
        job.workers = 0;
        this.finishedAt.set(id, nowMs);
        this.#report("finished", id, nowMs);
      } else if (reportProgress) this.#report("progress", id, nowMs);
    }
  }

  /** One node with the whole training pool; each running worker holds a board. */
  telemetry(nowMs: number): void {
    const holders = this.#holders();
    const { lockByHand = 0, clockMhz = 0 } = this.lockedByHand ?? {};
    const gpus: GpuSample[] = Array.from({ length: this.#trainingGpus }, (_, index) => ({
      uuid: `GPU-${index}`,
      model: CASE_GPU,
      smClockMhz: index < lockByHand ? clockMhz : 2730,
      lockedSmClockMhz: index < lockByHand ? clockMhz : null,
      powerWatts: 20,
      energyMillijoules: nowMs - Date.UTC(2020, 0, 1),
      utilization: 0,
      temperatureCelsius: 40,
      healthy: index < this.#trainingGpus - this.lostGpus,
      tenants: this.#tenants(
        index === 0 && this.sharedBoard.length > 0 ? this.sharedBoard : [holders[index]],
      ),
      overridden: index < lockByHand,
    }));
    this.#emit("carm.gpu-telemetry", {
      cluster: CASE_CLUSTER,
      observedAt: nowMs,
      node: "node-1",
      pool: "training",
      sequence: nowMs,
      gpus,
    });
  }

  requestWindows(nowMs: number, durationMs: number): void {
    for (const [service, { perSecond }] of this.services) {
      const arrivals = Math.round((perSecond * durationMs) / 1000);
      this.#emit("carm.request-rate", {
        cluster: CASE_CLUSTER,
        observedAt: nowMs,
        service,
        startsAt: nowMs - durationMs,
        durationMs,
        arrivals,
        completions: arrivals,
        queueDepth: 0,
        overTarget: 0,
        latencyCounts: [arrivals],
      });
    }
  }

  runningWorkers(): ReadonlyMap<string, number> {
    return new Map([...this.jobs].map(([id, { workers }]) => [id, workers]));
  }

  #holders(): string[] {
    return [...this.jobs].flatMap(([id, job]) => Array<string>(job.workers).fill(id));
  }

  #tenants(names: readonly (string | undefined)[]): GpuSample["tenants"] {
    const known = names.filter((name) => name !== undefined);
    return known.map((id) => ({ kind: this.kindOf(id), id, share: 1 / known.length }));
  }

  kindOf(name: string): "job" | "service" | "unknown" {
    if (this.jobs.has(name)) return "job";
    return this.services.has(name) ? "service" : "unknown";
  }

  /** A gang is as slow as its slowest board. */
  #clockOf(id: string, job: WorldJob): number {
    const first = this.#holders().indexOf(id);
    const { lockByHand = 0, clockMhz = 0 } = this.lockedByHand ?? {};
    return first < lockByHand ? Math.min(job.smClockMhz, clockMhz) : job.smClockMhz;
  }

  #answer(result: ActuationResult, id: string, job: WorldJob, nowMs: number): void {
    this.#actuations += 1;
    this.#emit("carm.actuations", {
      cluster: CASE_CLUSTER,
      observedAt: nowMs,
      agent: "scheduler",
      sequence: this.#actuations,
      target: { kind: "job", id },
      epoch: job.decision?.epoch ?? { incarnation: 1, sequence: 0 },
      result,
      smClockMhz: null,
      workers: job.workers,
      detail:
        result === "overridden" ? `${id}: somebody else has it; it is left alone until it is reclaimed.` : "",
    });
  }

  #report(type: JobEventType, id: string, nowMs: number): void {
    const job = this.#job(id);
    job.sequence += 1;
    const progress = { samplesDone: job.samplesDone, workers: job.workers };
    this.#emit("carm.job-events", jobEvent(type, id, job.sequence, nowMs, { progress }));
  }

  #job(id: string): WorldJob {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Error(`the case names job ${id} before it is submitted`);
    return job;
  }
}

export function profileFor(model: string): Profile {
  const profiles = profileLibrary.map((template) => ({ ...template, cluster: CASE_CLUSTER, observedAt: 0 }));
  return findProfile(profiles, model, CASE_GPU);
}

function jobEvent(
  type: JobEventType,
  subject: string,
  sequence: number,
  observedAt: number,
  parts: Partial<Pick<JobEvent, "job" | "service" | "progress">>,
): JobEvent {
  return {
    cluster: CASE_CLUSTER,
    observedAt,
    subject,
    sequence,
    type,
    job: null,
    service: null,
    progress: null,
    detail: "",
    ...parts,
  };
}
