import type { PlanningJob, PlanningProblem } from "../planner.ts";
import { type Horizon, MS_PER_HOUR } from "./horizon.ts";
import { type ClockOptions, clockOptionsOf, topRate } from "./options.ts";

/** Kept free before every deadline: for the work lost by a crash, and for decisions to be made and applied. */
const DEADLINE_MARGIN_MS = 9 * 60_000;
/** Share of the time until the deadline kept free for errors of the model, stragglers, lost GPUs and jobs that nobody foresaw. */
const DEADLINE_MARGIN_SHARE = 0.02;

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
  const mustRun = job.started && !job.pausable;
  const deadlineAt = job.deadlineAt ?? Number.POSITIVE_INFINITY;
  const startAt = Math.max(horizon.nowMs, job.earliestStartAt ?? horizon.nowMs);
  const leastHours = job.samplesLeft / topRate(options) + (job.workers > 0 ? 0 : restartHours);
  const margin = DEADLINE_MARGIN_MS + DEADLINE_MARGIN_SHARE * Math.max(0, deadlineAt - startAt);
  // Where the margin is used up already, the rest of the work goes before anything else.
  const reachableAt = startAt + leastHours * MS_PER_HOUR;
  const dueAt =
    job.deadlineAt === null
      ? deadlineAt
      : Math.min(deadlineAt, Math.max(deadlineAt - margin, reachableAt + DEADLINE_MARGIN_MS / 3));
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
