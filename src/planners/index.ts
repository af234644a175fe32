import { CarmError } from "../records/index.ts";
import { caRmPlanner } from "./ca-rm/ca-rm.ts";
import * as competitors from "./competitors/index.ts";
import type { Planner } from "./planner.ts";

export {
  type LatencyGuardInput,
  type LatencyGuardResult,
  type LatencyGuardState,
  latencyGuard,
  restingLatencyGuard,
} from "./latency-guard.ts";
export type * from "./planner.ts";
export { tailFactor } from "./tail-ratio.ts";

/** Every planner by its name. */
export const planners: Readonly<Record<string, Planner>> = Object.fromEntries(
  [caRmPlanner, ...Object.values(competitors)].map((planner) => [planner.name, planner]),
);

/** The planner of a name. Throws ERR_OPTION_INVALID, saying which there are. */
export function findPlanner(name: string): Planner {
  const planner = Object.hasOwn(planners, name) ? planners[name] : undefined;
  if (planner !== undefined) return planner;
  throw new CarmError(
    "ERR_OPTION_INVALID",
    `there is no planner called ${name}; there are ${Object.keys(planners).join(", ")}`,
  );
}
