/** The planner that savings are stated for. */
export const ownPolicy = "ca-rm";
/** The reference of promises and of work. */
export const maxPolicy = "max";
/** The four that CA-RM is compared with. */
export const competitors: readonly string[] = ["max", "min", "power-cap", "energy-cost"];

const titles: { readonly [policy: string]: string } = {
  "ca-rm": "CA-RM",
  max: "MAX",
  min: "MIN",
  "power-cap": "PowerCap",
  "energy-cost": "EnergyCost",
};

/** How a policy is called in tables and pictures. */
export function policyTitle(policy: string): string {
  return titles[policy] ?? policy;
}
