import { busyPowerWatts, samplesPerSecond } from "../../profiles/index.ts";
import type { PlanningJob } from "../planner.ts";
import type { Timeline } from "./timeline.ts";

/** A job at one worker count and one clock, from its start to its end without a break. */
export interface FixedRun {
  readonly job: PlanningJob;
  readonly workers: number;
  readonly smClockMhz: number;
  /** Of all workers, above idle. */
  readonly powerWatts: number;
  /** Time it still takes, the restart cost included if it does not run so already; Infinity if the work is unknown. */
  readonly durationMs: number;
}

export function fixedRun(job: PlanningJob, workers: number, smClockMhz: number): FixedRun {
  const { profile } = job;
  const rate = samplesPerSecond(profile, workers, smClockMhz) * job.speedRatio;
  const restartMs = job.workers === workers ? 0 : job.restartCostMs;
  return {
    job,
    workers,
    smClockMhz,
    powerWatts: workers * (busyPowerWatts(profile, smClockMhz) - profile.gpu.idlePowerWatts),
    durationMs: restartMs + (1000 * job.samplesLeft) / rate,
  };
}

/** The slot after the last one that the run needs if it starts with slot `first`. */
export function endSlot(run: FixedRun, timeline: Timeline, first: number): number {
  const slots = timeline.slots.length;
  if (first >= slots) return slots;
  const finishAt = timeline.startsAt[first]! + run.durationMs;
  let end = first + 1;
  while (end < slots && timeline.startsAt[end]! < finishAt) end++;
  return end;
}

/** The workers that a job goes on with if it runs and may be resized, else those it asked for; within what it allows. */
export function workersOf(job: PlanningJob): number {
  const wanted = job.resizable && job.workers > 0 ? job.workers : job.requestedWorkers;
  return Math.min(job.maxWorkers, Math.max(job.minWorkers, wanted));
}
