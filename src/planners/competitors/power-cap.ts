import type { Planner } from "../planner.ts";
import { cappedClock } from "./clock-choice.ts";
import { planFixedClocks } from "./fixed-clock-plan.ts";
import { atArrival } from "./start-choice.ts";

/** Of the power limit (TDP) of each GPU. */
const capShare = 0.7;

/** PowerCap: the highest clock at which a busy GPU draws at most 70 % of its power limit; otherwise as MAX. */
export const powerCapPlanner: Planner = {
  name: "power-cap",
  guardsLatency: false,
  plan: (problem) => planFixedClocks(problem, cappedClock(capShare), atArrival),
};
