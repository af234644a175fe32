import type { PlanningProblem } from "../planners/index.ts";
import type { Profile } from "../records/index.ts";

/** A problem with every profile once. */
interface Packed extends Omit<PlanningProblem, "jobs" | "services"> {
  readonly profiles: readonly Profile[];
  readonly jobs: readonly { readonly profile: number }[];
  readonly services: readonly { readonly profile: number }[];
}

/** A planning problem as JSON; numbers are read back bit for bit. */
export function problemText(problem: PlanningProblem): string {
  const profiles: Profile[] = [];
  const places = new Map<string, number>();
  const place = (profile: Profile): number => {
    const text = JSON.stringify(profile);
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, profiles.length);
    return profiles.push(profile) - 1;
  };
  const jobs = problem.jobs.map((job) => ({ ...job, profile: place(job.profile) }));
  const services = problem.services.map((service) => ({ ...service, profile: place(service.profile) }));
  return exactJson({ ...problem, jobs, services, profiles });
}

/** Throws a SyntaxError if the text is no JSON. */
export function problemFrom(text: string): PlanningProblem {
  const { profiles, ...problem } = JSON.parse(text, reviveNumbers) as Packed;
  const unpack = <T extends { readonly profile: number }>(users: readonly T[]) =>
    users.map((user) => ({ ...user, profile: profiles[user.profile] }));
  return {
    ...problem,
    jobs: unpack(problem.jobs),
    services: unpack(problem.services),
  } as unknown as PlanningProblem;
}

/** JSON that keeps typed arrays and infinities. */
function exactJson(value: unknown): string {
  return JSON.stringify(value, (_key, child: unknown) => {
    if (child instanceof Float64Array) return { float64: Array.from(child) };
    if (child === Number.POSITIVE_INFINITY) return { float64: "infinity" };
    return child;
  });
}

function reviveNumbers(_key: string, child: unknown): unknown {
  if (typeof child !== "object" || child === null || !("float64" in child)) return child;
  return child.float64 === "infinity"
    ? Number.POSITIVE_INFINITY
    : Float64Array.from(child.float64 as number[]);
}
