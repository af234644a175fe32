import type { Planner } from "../planner.ts";
import { topClock } from "./clock-choice.ts";
import { planFixedClocks } from "./fixed-clock-plan.ts";
import { cheapestInTime } from "./start-choice.ts";

/**
 * EnergyCost: the start at which a job's energy costs least money within its deadline; the highest clock, the workers
 * asked for. Blind to carbon, as the planners of that line of work are (CE-DLA, Energies 15(2):474).
 */
export const energyCostPlanner: Planner = {
  name: "energy-cost",
  guardsLatency: false,
  plan: (problem) => planFixedClocks(problem, topClock, cheapestInTime),
};
