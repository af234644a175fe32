import { setTimeout as sleep } from "node:timers/promises";
import { CarmError } from "../../../records/index.ts";
import type { ObservedWorkload, SchedulerActuator } from "../actuator.ts";
import { plain, type SlurmClient, stateOf } from "./slurm-client.ts";
import { knownSlurmJob, type SlurmJob } from "./slurm-job.ts";

export interface SlurmSchedulerOptions {
  readonly client: SlurmClient;
  readonly cluster: string;
  /** Pool of jobs that name none; `training` unless given. */
  readonly defaultPool?: string;
  /** Told why a job's comment can't be used, once. */
  readonly onProblem?: (jobId: string, error: CarmError) => void;
}

/** How long a requeued job may take to be pending again, ms. */
const REQUEUE_MAX_MS = 30_000;
const POLL_MS = 200;

const failures = new Set([
  "FAILED",
  "TIMEOUT",
  "OUT_OF_MEMORY",
  "NODE_FAIL",
  "BOOT_FAIL",
  "DEADLINE",
  "PREEMPTED",
  "REVOKED",
]);

/**
 * Jobs whose comment begins with `carm:`. A waiting job is held; a paused one is requeued and held, or suspended if it
 * says so; its width is its number of nodes. A running job can only shrink in Slurm: to widen, it is requeued.
 */
export function createSlurmScheduler(options: SlurmSchedulerOptions): SchedulerActuator {
  return new SlurmScheduler(options);
}

class SlurmScheduler implements SchedulerActuator {
  readonly #options: SlurmSchedulerOptions;
  #known = new Map<string, SlurmJob>();
  /** Nodes that jobs asked for when they were first seen. */
  readonly #requested = new Map<string, number>();
  /** What jobs were before they began to end or to return to the queue. */
  readonly #before = new Map<string, ObservedWorkload>();
  readonly #refused = new Set<string>();

  constructor(options: SlurmSchedulerOptions) {
    this.#options = options;
  }

  async observe(): Promise<readonly ObservedWorkload[]> {
    const { client, cluster, defaultPool = "training", onProblem } = this.#options;
    const known = new Map<string, SlurmJob>();
    for (const json of await client.jobs()) {
      const jobId = String(plain(json.job_id));
      try {
        const job = knownSlurmJob(json, cluster, defaultPool, (id, nodes) => this.#requestedNodes(id, nodes));
        if (job !== null) known.set(job.id, job);
      } catch (error) {
        if (!(error instanceof CarmError) || error.code !== "ERR_OPTION_INVALID") throw error;
        if (!this.#refused.has(jobId)) onProblem?.(jobId, error);
        this.#refused.add(jobId);
      }
    }
    this.#known = known;
    return [...known.values()].map((job) => this.#observed(job));
  }

  async run(id: string, workers: number): Promise<void> {
    const job = this.#job(id);
    const { client } = this.#options;
    const { spec, jobId, gpusPerNode, nodes: nodesNow } = job;
    const nodes = workers / gpusPerNode;
    if (!Number.isInteger(nodes) || workers < spec.minWorkers || workers > spec.maxWorkers) {
      throw refusal(`${id} runs on ${spec.minWorkers} to ${spec.maxWorkers} workers, not on ${workers}.`);
    }
    if (job.state === "COMPLETING")
      throw refusal(`${id} is on its way back to the queue; it is asked again.`);
    if (job.state === "SUSPENDED") {
      await client.resume(jobId);
      if (nodes === nodesNow) return;
    } else if (job.state === "RUNNING" && nodes === nodesNow) return;
    if (job.state !== "PENDING") {
      if (!spec.resizable) throw refusal(`${id} may not be resized.`);
      if (nodes < nodesNow) return await client.setNodes(jobId, nodes, "running");
      await client.requeue(jobId, false);
      await this.#untilPending(jobId);
    }
    if (nodes !== nodesNow) await client.setNodes(jobId, nodes, "pending");
    await client.release(jobId);
    // A requeued job waits for two minutes otherwise.
    await client.startAfter(jobId, "now");
  }

  async pause(id: string): Promise<void> {
    const { jobId, state, spec, pausesBySuspend } = this.#job(id);
    if (state !== "RUNNING") return;
    if (!spec.pausable) throw refusal(`${id} may not be paused.`);
    const { client } = this.#options;
    if (pausesBySuspend) await client.suspend(jobId);
    else await client.requeue(jobId, true);
  }

  async note(id: string, text: string): Promise<void> {
    const { jobId, json } = this.#job(id);
    if (json.admin_comment !== text) await this.#options.client.comment(jobId, text);
  }

  async #untilPending(jobId: string): Promise<void> {
    const endsAt = performance.now() + REQUEUE_MAX_MS;
    while (performance.now() < endsAt) {
      const jobs = await this.#options.client.jobs();
      const json = jobs.find((job) => String(plain(job.job_id)) === jobId);
      if (json !== undefined && stateOf(json) === "PENDING") return;
      await sleep(POLL_MS);
    }
    throw refusal(`Job ${jobId} is not back in the queue within ${REQUEUE_MAX_MS} ms; it is tried again.`);
  }

  #requestedNodes(jobId: string, nodes: number): number {
    const known = this.#requested.get(jobId) ?? nodes;
    this.#requested.set(jobId, known);
    return known;
  }

  #job(id: string): SlurmJob {
    const job = this.#known.get(id);
    if (job === undefined) throw refusal(`There is no job ${id} whose comment begins with carm:.`);
    return job;
  }

  #observed(job: SlurmJob): ObservedWorkload {
    const { id, spec, state, nodes, gpusPerNode } = job;
    const before = this.#before.get(id);
    if (state === "COMPLETING" && before !== undefined) return before;
    const { phase, detail } = phaseOf(job);
    const workers = phase === "running" ? nodes * gpusPerNode : 0;
    const samplesDone = phase === "finished" ? (spec.samples ?? 0) : 0;
    const progress = phase === "waiting" ? null : { samplesDone, workers };
    const observed = { id, phase, job: spec, service: null, progress, detail };
    this.#before.set(id, observed);
    return observed;
  }
}

function phaseOf({ state, json }: SlurmJob): Pick<ObservedWorkload, "phase" | "detail"> {
  if (state === "COMPLETED") return { phase: "finished", detail: "" };
  if (state === "CANCELLED") return { phase: "cancelled", detail: "The job was cancelled." };
  if (failures.has(state))
    return { phase: "failed", detail: [state, json.state_reason].filter(Boolean).join(": ") };
  if (state === "SUSPENDED") return { phase: "paused", detail: "" };
  if (state === "RUNNING" || state === "COMPLETING") return { phase: "running", detail: "" };
  const isHeld = /Held|held/.test(json.state_reason ?? "");
  const hasRun = plain(json.restart_cnt) > 0;
  return { phase: isHeld && hasRun ? "paused" : "waiting", detail: isHeld ? "" : (json.state_reason ?? "") };
}

function refusal(message: string): CarmError {
  return new CarmError("ERR_ACTUATOR_FAILED", message);
}
