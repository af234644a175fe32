import { createSimulatedCluster, type Scenario, type SimulatedCluster } from "../../simulate/index.ts";

/** One policy's own copy of a scenario, and the simulated cluster that lives through it. */
export interface World {
  readonly planner: string;
  readonly scenario: Scenario;
  readonly cluster: SimulatedCluster;
}

/** A world a planner, each a cluster of its own name, so that all can share one log. */
export function createWorlds(scenario: Scenario, planners: readonly string[]): World[] {
  return planners.map((planner) => {
    const own = renamed(
      scenario,
      planners.length === 1 ? scenario.cluster.cluster : `${scenario.cluster.cluster}-${planner}`,
    );
    return { planner, scenario: own, cluster: createSimulatedCluster(own) };
  });
}

function renamed(scenario: Scenario, cluster: string): Scenario {
  return {
    ...scenario,
    cluster: { ...scenario.cluster, cluster },
    profiles: scenario.profiles.map((profile) => ({ ...profile, cluster })),
  };
}
