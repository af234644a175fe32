import type { Planner } from "../planner.ts";
import { topClock } from "./clock-choice.ts";
import { planFixedClocks } from "./fixed-clock-plan.ts";
import { atArrival } from "./start-choice.ts";

/** Baseline MAX: the highest clock, the workers asked for, at arrival. */
export const maxPlanner: Planner = {
  name: "max",
  guardsLatency: false,
  plan: (problem) => planFixedClocks(problem, topClock, atArrival),
};
