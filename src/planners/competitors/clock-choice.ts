import { busyPowerWatts, supportedSmClocksMhz } from "../../profiles/index.ts";
import type { Profile } from "../../records/index.ts";
import type { PlanningProblem } from "../planner.ts";

/** The clock at which a competitor runs everything of a profile, MHz. */
export type ClockChoice = (profile: Profile, problem: PlanningProblem) => number;

/** The highest clock. A cluster that has a power cap gets the highest at which all its GPUs, busy, stay within it. */
export const topClock: ClockChoice = (profile, problem) => {
  const gpus = problem.pools.reduce((sum, pool) => sum + pool.gpus, 0);
  const watts = problem.powerCapWatts === null ? Number.POSITIVE_INFINITY : problem.powerCapWatts / gpus;
  return highestClockWithin(profile, problem, watts);
};

export const lowestClock: ClockChoice = (profile, problem) =>
  supportedSmClocksMhz(profile.gpu, problem.limits)[0]!;

/** The highest clock at which a busy GPU stays within a share of its power limit. */
export function cappedClock(share: number): ClockChoice {
  return (profile, problem) =>
    Math.min(
      topClock(profile, problem),
      highestClockWithin(profile, problem, share * profile.gpu.powerLimitWatts),
    );
}

/** The lowest clock if none stays within the watts. */
function highestClockWithin(profile: Profile, problem: PlanningProblem, watts: number): number {
  const clocks = supportedSmClocksMhz(profile.gpu, problem.limits);
  return clocks.findLast((clock) => busyPowerWatts(profile, clock) <= watts) ?? clocks[0]!;
}
