import { supportedSmClocksMhz } from "../../profiles/index.ts";
import type { PlanningJob, PlanningProblem } from "../planner.ts";
import { fixedRun, workersOf } from "./fixed-run.ts";

/** Earliest time at which a job could finish with free GPUs: top clock, the most workers that it may have. */
export function earliestFinishAt(job: PlanningJob, problem: PlanningProblem): number {
  const topClock = supportedSmClocksMhz(job.profile.gpu, problem.limits).at(-1)!;
  const counts = job.resizable
    ? Array.from({ length: job.maxWorkers - job.minWorkers + 1 }, (_, i) => job.minWorkers + i)
    : [workersOf(job)];
  const durations = counts.map((workers) => fixedRun(job, workers, topClock).durationMs);
  return Math.max(problem.nowMs, job.earliestStartAt ?? 0) + Math.min(...durations);
}

/** False if the deadline can't be met even at the most that the job may use. */
export function canMeetDeadline(job: PlanningJob, problem: PlanningProblem): boolean {
  return job.deadlineAt === null || earliestFinishAt(job, problem) <= job.deadlineAt;
}
