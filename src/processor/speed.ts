import { samplesPerSecond } from "../profiles/index.ts";
import type { JobEvent } from "../records/index.ts";
import type { Context } from "./context.ts";
import { limits } from "./limits.ts";
import { profileOf } from "./lookups.ts";
import type { JobRecord } from "./state.generated.ts";

/** Measured speeds outside this range of the profile's are taken for errors of measurement. */
const SPEED_RATIO_MIN = 0.25;
const SPEED_RATIO_MAX = 2;

/**
 * Compares a job's progress with its profile once workers and clock have been steady for `speedWindowMs`, and mends
 * the ratio that plans use. Any change of workers and any restart starts the window
 * again, after the restart cost.
 */
export function measureSpeed(context: Context, event: JobEvent, job: JobRecord): void {
  if (event.progress === null) return;
  // Less done than before: it has crashed and gone back to a checkpoint, which says nothing of its speed.
  const hasFallenBack = event.progress.samplesDone < job.samplesDone;
  if (event.type !== "progress" || event.progress.workers !== job.workers || hasFallenBack) {
    restartWindow(job, event.observedAt + job.spec.restartCostMs, event.progress.samplesDone);
    return;
  }
  const elapsedMs = event.observedAt - job.steadySince;
  if (elapsedMs < limits.speedWindowMs) {
    if (elapsedMs <= 0) job.steadySamples = event.progress.samplesDone;
    return;
  }
  const profile = profileOf(context, job.spec.pool, job.spec.model);
  const clock = job.decided?.smClockMhz ?? profile?.gpu.maxSmClockMhz;
  const samples = event.progress.samplesDone - job.steadySamples;
  if (profile !== undefined && clock !== undefined && job.workers > 0 && samples > 0) {
    const expected = samplesPerSecond(profile, job.workers, clock) * (elapsedMs / 1000);
    job.speedRatio = Math.min(SPEED_RATIO_MAX, Math.max(SPEED_RATIO_MIN, samples / expected));
  }
  restartWindow(job, event.observedAt, event.progress.samplesDone);
}

/** A change of clock makes what was measured across it useless. */
export function restartWindow(job: JobRecord, atMs: number, samplesDone: number): void {
  job.steadySince = atMs;
  job.steadySamples = samplesDone;
}
