/** The planner that savings are stated for. */
export const ownPolicy = "ca-rm";
/** The reference of promises and of work. */
export const maxPolicy = "max";
/** CA-RM's planner with perfect foresight: the limit of forecasting. */
export const foresightPolicy = "ca-rm-foresight";
/** The four that CA-RM is compared with. */
export const competitors: readonly string[] = ["max", "min", "power-cap", "energy-cost"];

const titles: { readonly [policy: string]: string } = {
  "ca-rm": "CA-RM",
  max: "MAX",
  min: "MIN",
  "power-cap": "PowerCap",
  "energy-cost": "EnergyCost",
  "energy-cost-clocks": "EnergyCost + clocks",
  "energy-only": "Energy only",
  "wait-awhile": "Wait-Awhile",
  "wait-awhile-rigid": "Wait-Awhile rigid",
  "carbon-scaler": "CarbonScaler",
  "clocks-only": "Clocks only",
  "start-only": "Start only",
  "workers-only": "Workers only",
  "ca-rm-budget": "CA-RM budget",
  "ca-rm-ppc": "CA-RM PPC",
  "ca-rm-foresight": "CA-RM foresight",
};

/** How a policy is called in tables and pictures. */
export function policyTitle(policy: string): string {
  return titles[policy] ?? policy;
}
