import { assert } from "../records/index.ts";
import type { Context } from "./context.ts";
import type { JobRecord } from "./state.generated.ts";

/** A job that may still run. */
export function isAlive(job: JobRecord): boolean {
  return job.state === "waiting" || job.state === "running" || job.state === "paused";
}

/** Workers that the last decision gives it; in somebody else's hands, those that it has. */
export function decidedWorkers(job: JobRecord): number {
  if (job.overridden) return job.workers;
  return job.decided?.action === "run" ? job.decided.workers : 0;
}

/** Publishes what became of a job so far. */
export function publishJob(context: Context, id: string, job: JobRecord): void {
  assert(job.workers >= 0, `job ${id} has ${job.workers} workers`);
  const endedAt = job.finishedAt ?? context.nowMs;
  context.outputs.push({
    topic: "carm.jobs",
    value: {
      cluster: context.cluster,
      observedAt: context.nowMs,
      job: id,
      state: job.state,
      model: job.spec.model,
      submittedAt: job.submittedAt,
      startedAt: job.startedAt,
      finishedAt: job.finishedAt,
      deadlineAt: job.spec.deadlineAt,
      deadlineMissed: job.spec.deadlineAt !== null && endedAt > job.spec.deadlineAt,
      workers: job.workers,
      smClockMhz: job.decided?.smClockMhz ?? null,
      samples: job.spec.samples,
      samplesDone: job.samplesDone,
      plannedStartAt: job.plannedStartAt,
      expectedFinishAt: job.expectedFinishAt,
      energyKwh: job.energyKwh,
      gco2: job.gco2,
      why: job.why,
    },
  });
}
