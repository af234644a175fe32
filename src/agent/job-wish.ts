import type { JobSpec } from "../records/index.ts";
import type { ObservedWorkload } from "./actuators/actuator.ts";
import type { Setpoint, Standing } from "./decision-view.ts";
import { runningWorkers } from "./job-tracker.ts";

/** What is wanted of a job now. */
export type JobWish =
  /** It stays as it is. */
  | { readonly kind: "leave" }
  | { readonly kind: "run"; readonly workers: number }
  | { readonly kind: "pause" }
  /** The decision asks for what the job does not allow. */
  | { readonly kind: "refuse"; readonly detail: string };

const LEAVE: JobWish = { kind: "leave" };

/** Everything that a wish depends on. */
export interface JobSituation {
  readonly workload: ObservedWorkload;
  readonly job: JobSpec;
  readonly setpoint: Setpoint;
  readonly standing: Standing;
  /** Workers it last ran with; 0 if it never ran. */
  readonly lastWorkers: number;
  readonly wallMs: number;
}

/** A decision as a wish, within what the job allows: no other job is ever paused or resized. */
export function jobWish(situation: JobSituation): JobWish {
  const { workload, job, setpoint, standing, wallMs } = situation;
  const { action, onLeaseEnd, workers } = setpoint.decision;
  const { phase } = workload;
  if (phase !== "waiting" && phase !== "running" && phase !== "paused") return LEAVE;
  if (phase === "waiting" && job.earliestStartAt !== null && wallMs < job.earliestStartAt) return LEAVE;
  if (standing !== "in-force") {
    // Without CA-RM the job would run, so that is what release means for a held one.
    const isLeft = phase === "running" || (standing === "lease-over" && onLeaseEnd !== "run");
    return isLeft ? LEAVE : { kind: "run", workers: situation.lastWorkers || job.requestedWorkers };
  }
  if (action === "pause") return pauseWish(phase, job);
  return action === "run" ? runWish(situation, workers ?? job.requestedWorkers) : LEAVE;
}

function pauseWish(phase: ObservedWorkload["phase"], job: JobSpec): JobWish {
  if (phase !== "running") return LEAVE;
  return job.pausable ? { kind: "pause" } : { kind: "refuse", detail: "the job may not be paused." };
}

function runWish({ workload, job, lastWorkers }: JobSituation, workers: number): JobWish {
  // After a start the width it has is the one it must keep.
  const only = workload.phase === "running" ? runningWorkers(workload) : lastWorkers || job.requestedWorkers;
  if (!job.resizable && workers !== only) {
    return { kind: "refuse", detail: `the job may not be resized: ${only} workers, not ${workers}.` };
  }
  const isWithin = workers >= job.minWorkers && workers <= job.maxWorkers;
  if (job.resizable && !(isWithin && workers > 0)) {
    const detail = `${workers} workers are not within ${job.minWorkers} to ${job.maxWorkers}.`;
    return { kind: "refuse", detail };
  }
  return { kind: "run", workers };
}

/** True if the job is as wished, so that there is nothing to do. */
export function isGranted(workload: ObservedWorkload, wish: JobWish): boolean {
  if (wish.kind === "run") return runningWorkers(workload) === wish.workers;
  return wish.kind === "pause" ? workload.phase !== "running" : wish.kind === "leave";
}
