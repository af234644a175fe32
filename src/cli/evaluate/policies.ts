import { InvalidArgumentError } from "commander";
import { findPlanner, type Planner, planners } from "../../planners/index.ts";
import { foresightPlanner, type Scenario } from "../../simulate/index.ts";

/** Policies that need the scenario itself to plan. */
const foresight: Readonly<Record<string, (scenario: Scenario) => Planner>> = {
  "ca-rm-foresight": (scenario) => foresightPlanner("ca-rm-foresight", findPlanner("ca-rm"), scenario),
};

/** Every name that `--planner` takes. */
export const policyNames: readonly string[] = [...Object.keys(planners), ...Object.keys(foresight)];

/** What is run where `--planner` says nothing: the four, CA-RM with its limit, and the strongest of each kind. */
export const defaultPolicies: readonly string[] = [
  "ca-rm",
  "max",
  "min",
  "power-cap",
  "energy-cost",
  "energy-cost-clocks",
  "energy-only",
  "wait-awhile",
  "carbon-scaler",
  "ca-rm-foresight",
];

export function policyName(text: string): string {
  if (policyNames.includes(text)) return text;
  throw new InvalidArgumentError(`There is no planner ${text}; there are ${policyNames.join(", ")}.`);
}

/** The planner of a policy in a scenario. */
export function plannerOf(policy: string, scenario: Scenario): Planner {
  return foresight[policy]?.(scenario) ?? findPlanner(policy);
}
