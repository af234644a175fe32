import type { PlanningJob, PlanningProblem } from "../planner.ts";
import { type Horizon, MS_PER_HOUR } from "./horizon.ts";
import { type ClockOptions, clockOptionsOf, topRate } from "./options.ts";

/** Share of the time that is left kept free for errors of the model, stragglers and failures. */
const DEADLINE_MARGIN_SHARE = 0.08;
/** Kept free before every deadline for the time that a decision takes to be made and applied. */
const DEADLINE_MARGIN_MS = 3 * 60_000;

/**
 * Plans aim to finish by this share of the time between submission and deadline: what is left over absorbs jobs that
 * nobody foresaw and GPUs that are lost. A job that can't make it any more plans for the deadline itself.
 */
const AIM_SHARE = 0.8;
/** Room that a job needs beyond its least duration before it aims at more than its deadline. */
const AIM_ROOM = 1.1;

/** A job that runs is not paused once it needs more than this share of the time to its deadline. */
const TIGHT_SHARE = 0.5;

/** A job as the placement sees it. */
export interface Task {
  readonly job: PlanningJob;
  readonly options: readonly ClockOptions[];
  /** Samples left; infinity if unknown. */
  readonly work: number;
  /** Hours without progress at each start, resume and resize. */
  readonly restartHours: number;
  /** Index among the options of the workers that run now, -1 if none. */
  readonly runningOption: number;
  /** True for a job that has to run in every slot from now until it is finished. */
  readonly mustRun: boolean;
  /** First slot that it may use. */
  readonly firstSlot: number;
  /** Plans finish before this: the deadline less the margin, epoch milliseconds; infinity without a deadline. */
  readonly dueAt: number;
  /** The deadline itself. */
  readonly deadlineAt: number;
  /** True if it can't meet its deadline even alone, at the most that it may use. */
  readonly hopeless: boolean;
  /** Share of the time until it is due that it takes at the most that it may use. */
  readonly tightness: number;
}

export function taskOf(job: PlanningJob, problem: PlanningProblem, horizon: Horizon): Task {
  const options = clockOptionsOf(job, problem.limits, problem.powerCapWatts !== null);
  const restartHours = job.restartCostMs / MS_PER_HOUR;
  const deadlineAt = job.deadlineAt ?? Number.POSITIVE_INFINITY;
  const startAt = Math.max(horizon.nowMs, job.earliestStartAt ?? horizon.nowMs);
  const leastHours = job.samplesLeft / topRate(options) + (job.workers > 0 ? 0 : restartHours);
  // Paused for somebody else, it might find no room again in time.
  const isTight = job.workers > 0 && leastHours * MS_PER_HOUR > TIGHT_SHARE * (deadlineAt - horizon.nowMs);
  const mustRun = job.started && (!job.pausable || isTight);
  const margin = DEADLINE_MARGIN_SHARE * (deadlineAt - startAt) + DEADLINE_MARGIN_MS;
  const aimAt = job.submittedAt + AIM_SHARE * (deadlineAt - job.submittedAt);
  const reachableAt = startAt + AIM_ROOM * leastHours * MS_PER_HOUR;
  const dueAt =
    job.deadlineAt === null
      ? deadlineAt
      : Math.min(deadlineAt - Math.max(0, margin), Math.max(aimAt, reachableAt));
  return {
    job,
    options,
    work: job.samplesLeft,
    restartHours,
    runningOption: options.findIndex(({ workers }) => workers === job.workers),
    mustRun,
    firstSlot: firstSlotAfter(horizon, mustRun ? horizon.nowMs : startAt),
    dueAt,
    deadlineAt,
    hopeless: startAt + leastHours * MS_PER_HOUR > deadlineAt,
    tightness: (leastHours * MS_PER_HOUR) / Math.max(1, dueAt - startAt),
  };
}

function firstSlotAfter(horizon: Horizon, at: number): number {
  let t = 0;
  while (t < horizon.slots && (horizon.startsAt[t]! < at || horizon.hours[t]! === 0)) t++;
  return t;
}
