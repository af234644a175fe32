import { busyPowerWatts, samplesPerSecond } from "../../profiles/index.ts";
import { canMeetDeadline } from "../common/deadline.ts";
import { fixedRun, workersOf } from "../common/fixed-run.ts";
import { GpuCapacity } from "../common/gpu-capacity.ts";
import { slotHours, type Timeline, timelineOf } from "../common/timeline.ts";
import type { JobPlan, PlannerResult, PlanningJob, PlanningProblem } from "../planner.ts";
import { topClock } from "./clock-choice.ts";
import { chooseSlots } from "./slot-choice.ts";

/** Worker counts that a job may have in a slot besides none. */
export type CountsOf = (job: PlanningJob) => readonly number[];

/**
 * Jobs at the highest clock in the slots of least intensity, those with the least time to spare first; services at the
 * highest clock. A job that may not be paused and runs goes on as it is.
 */
export function* planSlots(
  problem: PlanningProblem,
  countsOf: CountsOf,
): Generator<undefined, PlannerResult> {
  const timeline = timelineOf(problem);
  const capacity = new GpuCapacity(problem);
  const intensity = problem.slots.map(({ gco2PerKwh }) => (problem.intensityForecastUsable ? gco2PerKwh : 1));
  const plans = new Map<string, JobPlan>();
  const place = (job: PlanningJob, workers: readonly number[]) => {
    workers.forEach((count, t) => {
      if (count > 0) capacity.take(job.pool, t, t + 1, count);
    });
    plans.set(job.id, jobPlan(job, workers, timeline, problem));
  };
  const bound = (job: PlanningJob) => job.workers > 0 && !job.pausable;
  for (const job of problem.jobs)
    if (bound(job)) place(job, throughSlots(job, job.workers, timeline, problem));
  const slack = (job: PlanningJob) => {
    const { durationMs } = fixedRun(job, workersOf(job), topClock(job.profile, problem));
    return (job.deadlineAt ?? Number.MAX_SAFE_INTEGER) - durationMs;
  };
  const free = problem.jobs.filter((job) => !bound(job)).sort((a, b) => slack(a) - slack(b));
  for (const job of free) {
    const smClockMhz = topClock(job.profile, problem);
    const steps = { job, smClockMhz, counts: countsOf(job) };
    const chosen = chooseSlots(steps, intensity, capacity, timeline);
    place(job, job.pausable ? chosen : withoutBreaks(job, chosen, capacity, timeline, problem));
    yield;
  }
  return {
    jobs: problem.jobs.map(({ id }) => plans.get(id)!),
    services: problem.services.map(({ id, profile }) => ({
      id,
      smClockMhz: problem.slots.map(() => topClock(profile, problem)),
    })),
  };
}

/** A job that may not be paused starts where its first slot would be and runs through, if there is room; else it waits. */
function withoutBreaks(
  job: PlanningJob,
  chosen: readonly number[],
  capacity: GpuCapacity,
  timeline: Timeline,
  problem: PlanningProblem,
): readonly number[] {
  const first = chosen.findIndex((count) => count > 0);
  const workers = workersOf(job);
  for (let t = Math.max(0, first); t < timeline.slots.length; t += 1) {
    const run = throughSlots(job, workers, timeline, problem, t);
    if (run.every((count, slot) => count === 0 || capacity.fits(job.pool, slot, slot + 1, count))) return run;
  }
  return timeline.slots.map(() => 0);
}

/** One worker count in every slot from `first` on until the work is done. */
function throughSlots(
  job: PlanningJob,
  workers: number,
  timeline: Timeline,
  problem: PlanningProblem,
  first = 0,
): number[] {
  const { durationMs } = fixedRun(job, workers, topClock(job.profile, problem));
  const endAt = timeline.startsAt[first]! + durationMs;
  return timeline.slots.map((_, t) => (t >= first && timeline.startsAt[t]! < endAt ? workers : 0));
}

function jobPlan(
  job: PlanningJob,
  workers: readonly number[],
  timeline: Timeline,
  problem: PlanningProblem,
): JobPlan {
  const smClockMhz = topClock(job.profile, problem);
  const watts = busyPowerWatts(job.profile, smClockMhz) - job.profile.gpu.idlePowerWatts;
  let left = job.samplesLeft;
  let grams = 0;
  let expectedFinishAt: number | null = null;
  workers.forEach((count, t) => {
    if (count === 0 || left <= 0) return;
    const perHour = samplesPerSecond(job.profile, count, smClockMhz) * job.speedRatio * 3600;
    const hours = Math.min(slotHours(timeline, t), left / perHour);
    left -= perHour * hours;
    grams += ((count * watts) / 1000) * hours * problem.slots[t]!.gco2PerKwh * problem.pue;
    if (left <= 1e-9 * job.samplesLeft) expectedFinishAt = timeline.startsAt[t]! + hours * 3_600_000;
  });
  return {
    id: job.id,
    workers,
    smClockMhz: workers.map((count) => (count > 0 ? smClockMhz : 0)),
    expectedFinishAt,
    expectedGrams: grams,
    feasible: canMeetDeadline(job, problem),
  };
}
