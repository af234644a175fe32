import { InvalidArgumentError } from "commander";
import { planners } from "../../planners/index.ts";

/** Every name that `--planner` takes. */
export const policyNames: readonly string[] = Object.keys(planners);

/** What is run where `--planner` says nothing. */
export const defaultPolicies: readonly string[] = policyNames;

export function policyName(text: string): string {
  if (policyNames.includes(text)) return text;
  throw new InvalidArgumentError(`There is no planner ${text}; there are ${policyNames.join(", ")}.`);
}
