import { endSlot, type FixedRun } from "../common/fixed-run.ts";
import type { GpuCapacity } from "../common/gpu-capacity.ts";
import { firstSlotFrom, type Timeline, weighHours } from "../common/timeline.ts";
import type { PlanningProblem } from "../planner.ts";

/** In which order waiting jobs choose, and which slot each takes. */
export interface StartChoice {
  order(a: FixedRun, b: FixedRun): number;
  /** First slot of the run; the number of slots if it finds none. */
  choose(run: FixedRun, capacity: GpuCapacity, timeline: Timeline): number;
}

/**
 * First come, first served, with backfill: each job takes the earliest slots in which it fits to its end; a later one
 * may go before it where that does not delay it. A higher priority goes first.
 */
export const atArrival: StartChoice = {
  order: byArrival,
  choose: (run, capacity, timeline) =>
    startSlots(run, capacity, timeline).next().value ?? timeline.slots.length,
};

/** Time kept free before a deadline: a share of what the job still takes, and a fixed part. */
const deadlineMargin = { share: 0.05, ms: 10 * 60_000 };

/**
 * The start at which price times energy is least among those that keep the deadline; the earliest of equals. At arrival
 * without a deadline, or where no start keeps it. Jobs whose last chance comes first choose first.
 */
export const cheapestInTime: StartChoice = leastInTime((timeline, t) => timeline.slots[t]!.pricePerKwh);

/** The same by intensity; at arrival where its forecast is of no use. */
export function cleanestInTime({ intensityForecastUsable }: PlanningProblem): StartChoice {
  return leastInTime((timeline, t) => (intensityForecastUsable ? timeline.slots[t]!.gco2PerKwh : 1));
}

function leastInTime(weightOf: (timeline: Timeline, slot: number) => number): StartChoice {
  return {
    order: (a, b) => lastStartAt(a) - lastStartAt(b) || byArrival(a, b),
    choose: (run, capacity, timeline) => {
      let best = timeline.slots.length;
      let bestCost = Number.POSITIVE_INFINITY;
      const weight = (t: number) => weightOf(timeline, t);
      for (const first of startSlots(run, capacity, timeline)) {
        const startAt = timeline.startsAt[first]!;
        const inTime = run.job.deadlineAt !== null && startAt <= lastStartAt(run);
        if (!inTime && best < timeline.slots.length) break;
        const cost = weighHours(timeline, first, run.durationMs, weight) * run.powerWatts;
        if (cost < bestCost * (1 - 1e-9)) {
          best = first;
          bestCost = cost;
        }
        if (!inTime) break;
      }
      return best;
    },
  };
}

/** Latest start that keeps the deadline with its margin, epoch milliseconds; Infinity without a deadline. */
function lastStartAt(run: FixedRun): number {
  if (run.job.deadlineAt === null) return Number.POSITIVE_INFINITY;
  return run.job.deadlineAt - run.durationMs * (1 + deadlineMargin.share) - deadlineMargin.ms;
}

/** The slots with which the run could start and have its GPUs to its end, rising. */
function* startSlots(run: FixedRun, capacity: GpuCapacity, timeline: Timeline): Generator<number, undefined> {
  const { job, workers } = run;
  const earliest = firstSlotFrom(timeline, Math.max(timeline.startsAt[0] ?? 0, job.earliestStartAt ?? 0));
  for (let first = earliest; first < timeline.slots.length; first++) {
    if (capacity.fits(job.pool, first, endSlot(run, timeline, first), workers)) yield first;
  }
}

function byArrival({ job: a }: FixedRun, { job: b }: FixedRun): number {
  return b.priority - a.priority || a.submittedAt - b.submittedAt || (a.id < b.id ? -1 : 1);
}
