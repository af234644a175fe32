import type { Planner } from "../planner.ts";
import { lowestClock } from "./clock-choice.ts";
import { planFixedClocks } from "./fixed-clock-plan.ts";
import { atArrival } from "./start-choice.ts";

/** Baseline MIN: the lowest supported clock, the workers asked for, at arrival. */
export const minPlanner: Planner = {
  name: "min",
  guardsLatency: false,
  plan: (problem) => planFixedClocks(problem, lowestClock, atArrival),
};
