import type { ObservedWorkload } from "../agent/actuators/actuator.ts";
import { CarmError, type JobSpec } from "../records/index.ts";
import type { SimulatedGpu } from "./gpu.ts";
import type { SimulatedJob } from "./job.ts";
import { chooseBoards, keepBoards } from "./placement.ts";

/** The simulated cluster's scheduler: it picks boards, keeps to capacity and to what a job allows. */
export class TrainingScheduler {
  readonly #jobs: ReadonlyMap<string, SimulatedJob>;
  readonly #gpus: readonly SimulatedGpu[];

  constructor(jobs: readonly SimulatedJob[], gpus: readonly SimulatedGpu[]) {
    this.#jobs = new Map(jobs.map((job) => [job.scenario.id, job]));
    this.#gpus = gpus;
  }

  observe(nowMs: number): ObservedWorkload[] {
    return [...this.#jobs.values()]
      .filter((job) => job.scenario.submittedAt <= nowMs)
      .map((job) => job.observe());
  }

  run(nowMs: number, id: string, workers: number): void {
    const job = this.#known(nowMs, id);
    const { spec } = job.scenario;
    const running = job.phase === "running";
    if (running && job.boards.length === workers) return;
    if (job.phase === "finished") throw refused(`${id} has finished.`);
    if (!isAllowed(spec, workers)) {
      throw refused(`${id} runs on ${allowed(spec)} workers, not on ${workers}.`);
    }
    if (running && !spec.resizable) throw refused(`${id} can't be resized while it runs.`);
    const boards =
      workers < job.boards.length
        ? keepBoards(job.boards, workers)
        : this.#grown(spec.pool, job.boards, workers);
    if (boards === undefined) {
      throw refused(
        `Pool ${spec.pool} has too few free GPUs for ${workers} workers of ${id}; try again later.`,
      );
    }
    job.place(nowMs, boards);
  }

  pause(nowMs: number, id: string): void {
    const job = this.#known(nowMs, id);
    if (job.phase !== "running") return;
    if (!job.scenario.spec.pausable) throw refused(`${id} may not be paused.`);
    job.pause();
  }

  /** Gangs that lost a board lose the work since their checkpoint and move to free boards, or stop until there are some. */
  replaceLost(nowMs: number): void {
    for (const job of this.#jobs.values()) {
      if (!job.boards.some((gpu) => gpu.lost)) continue;
      job.loseWork();
      const kept = job.boards.filter((gpu) => !gpu.lost);
      const boards = this.#grown(job.scenario.spec.pool, kept, job.boards.length);
      if (boards !== undefined) job.place(nowMs, boards);
      else job.requeue("Lost a GPU and found no other that is free.");
    }
  }

  #grown(pool: string, boards: readonly SimulatedGpu[], workers: number): SimulatedGpu[] | undefined {
    const free = this.#gpus.filter((gpu) => gpu.pool === pool && gpu.tenant === null && !gpu.lost);
    const homeNodes = new Set(boards.map((gpu) => gpu.node));
    const more = chooseBoards(free, workers - boards.length, homeNodes);
    return more && [...boards, ...more];
  }

  #known(nowMs: number, id: string): SimulatedJob {
    const job = this.#jobs.get(id);
    if (job === undefined || job.scenario.submittedAt > nowMs) throw refused(`There is no job ${id}.`);
    return job;
  }
}

function isAllowed(spec: JobSpec, workers: number): boolean {
  if (!spec.resizable) return workers === spec.requestedWorkers;
  return Number.isInteger(workers) && workers >= spec.minWorkers && workers <= spec.maxWorkers;
}

function allowed(spec: JobSpec): string {
  return spec.resizable ? `${spec.minWorkers} to ${spec.maxWorkers}` : `exactly ${spec.requestedWorkers}`;
}

function refused(message: string): CarmError {
  return new CarmError("ERR_ACTUATOR_FAILED", message);
}
