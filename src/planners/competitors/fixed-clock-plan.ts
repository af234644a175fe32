import { canMeetDeadline } from "../common/deadline.ts";
import { endSlot, type FixedRun, fixedRun, workersOf } from "../common/fixed-run.ts";
import { GpuCapacity } from "../common/gpu-capacity.ts";
import { netGramsPerKwh } from "../common/net-intensity.ts";
import { type Timeline, timelineOf, weighHours } from "../common/timeline.ts";
import type { JobPlan, PlannerResult, PlanningJob, PlanningProblem } from "../planner.ts";
import type { ClockChoice } from "./clock-choice.ts";
import type { StartChoice } from "./start-choice.ts";

/** A run and the slots it takes: from `first` up to `end`, not included; none if it found no place. */
interface PlacedRun {
  readonly run: FixedRun;
  readonly first: number;
  readonly end: number;
}

/**
 * Everything at one clock a profile and at the workers asked for. What runs goes on as it is and is never paused by
 * choice. Where lost GPUs leave too few for all that runs, jobs that may not be paused keep theirs.
 */
export function* planFixedClocks(
  problem: PlanningProblem,
  clockOf: ClockChoice,
  start: StartChoice,
): Generator<undefined, PlannerResult> {
  const timeline = timelineOf(problem);
  const capacity = new GpuCapacity(problem);
  const services = problem.services.map((service) => ({
    id: service.id,
    smClockMhz: problem.slots.map(() => clockOf(service.profile, problem)),
  }));
  const runOf = (job: PlanningJob) => fixedRun(job, workersOf(job), clockOf(job.profile, problem));
  const runs = problem.jobs.map(runOf).sort(start.order);
  const running = runs.filter(({ job }) => job.workers > 0);

  const placed = new Map<string, PlacedRun>();
  const place = (run: FixedRun, first: number) => {
    const end = endSlot(run, timeline, first);
    capacity.take(run.job.pool, first, end, run.workers);
    placed.set(run.job.id, { run, first, end });
  };
  for (const run of running) if (!run.job.pausable) place(run, 0);
  for (const run of running) {
    if (!run.job.pausable) continue;
    if (capacity.fits(run.job.pool, 0, endSlot(run, timeline, 0), run.workers)) place(run, 0);
  }
  for (const run of runs) {
    if (placed.has(run.job.id)) continue;
    place(run, start.choose(run, capacity, timeline));
    yield;
  }

  const inOrder = problem.jobs.map((job) => placed.get(job.id)!);
  const gramsPerKwh = netGramsPerKwh(problem, services, meanWatts(inOrder, timeline));
  return { jobs: inOrder.map((run) => jobPlan(run, timeline, gramsPerKwh, problem)), services };
}

/** Mean power of all jobs above idle in each slot, watts. */
function meanWatts(placed: readonly PlacedRun[], timeline: Timeline): readonly number[] {
  const watts = timeline.slots.map(() => 0);
  for (const { run, first, end } of placed) {
    for (let t = first; t < end; t++) {
      const from = timeline.startsAt[t]!;
      const length = timeline.endsAt[t]! - from;
      const worked = Math.min(length, timeline.startsAt[first]! + run.durationMs - from);
      if (length > 0) watts[t]! += (run.powerWatts * worked) / length;
    }
  }
  return watts;
}

function jobPlan(
  { run, first, end }: PlacedRun,
  timeline: Timeline,
  gramsPerKwh: readonly number[],
  problem: PlanningProblem,
): JobPlan {
  const slots = timeline.slots.length;
  const runs = (value: number) => timeline.slots.map((_, t) => (t >= first && t < end ? value : 0));
  const finishAt = first < slots ? timeline.startsAt[first]! + run.durationMs : Number.POSITIVE_INFINITY;
  const kwhPerHour = run.powerWatts / 1000;
  return {
    id: run.job.id,
    workers: runs(run.workers),
    smClockMhz: runs(run.smClockMhz),
    expectedFinishAt: finishAt <= timeline.endsAt[slots - 1]! ? finishAt : null,
    expectedGrams: kwhPerHour * weighHours(timeline, first, run.durationMs, (t) => gramsPerKwh[t]!),
    feasible: canMeetDeadline(run.job, problem),
  };
}
