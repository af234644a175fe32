import { workersOf } from "../common/fixed-run.ts";
import type { Planner } from "../planner.ts";
import { topClock } from "./clock-choice.ts";
import { planFixedClocks } from "./fixed-clock-plan.ts";
import { planSlots } from "./slot-plan.ts";
import { cleanestInTime } from "./start-choice.ts";

/** Wait-Awhile (arXiv 2110.13234), interruptible: the cleanest hours before the deadline, the workers asked for, the highest clock. */
export const waitAwhilePlanner: Planner = {
  name: "wait-awhile",
  guardsLatency: false,
  plan: (problem) => planSlots(problem, (job) => [workersOf(job)]),
};

/** Wait-Awhile, not interruptible: the start from which an unbroken run emits least. */
export const waitAwhileRigidPlanner: Planner = {
  name: "wait-awhile-rigid",
  guardsLatency: false,
  plan: (problem) => planFixedClocks(problem, topClock, cleanestInTime(problem)),
};
