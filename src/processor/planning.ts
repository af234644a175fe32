import { hash } from "node:crypto";
import type { Planner, PlannerResult, PlanningProblem } from "../planners/index.ts";
import { CarmError } from "../records/index.ts";

/** A plan that is being computed, a few units of work a step. */
export interface Planning {
  readonly planner: string;
  readonly trigger: string;
  readonly problem: PlanningProblem;
  unitsDone: number;
  /** Not stored: made again from the problem and advanced to `unitsDone` where it is missing. */
  run?: Generator<undefined, PlannerResult>;
}

export function startPlanning(planner: string, trigger: string, problem: PlanningProblem): Planning {
  return { planner, trigger, problem, unitsDone: 0 };
}

/** Does up to `units` units of work; the result once the plan is complete. */
export function advancePlanning(
  planning: Planning,
  planner: Planner,
  units: number,
): PlannerResult | undefined {
  const run = planning.run ?? resumed(planning, planner);
  planning.run = run;
  for (let unit = 0; unit < units; unit += 1) {
    const next = run.next();
    if (next.done === true) return next.value;
    planning.unitsDone += 1;
  }
  return undefined;
}

function resumed(planning: Planning, planner: Planner): Generator<undefined, PlannerResult> {
  const run = planner.plan(planning.problem);
  for (let unit = 0; unit < planning.unitsDone; unit += 1) run.next();
  return run;
}

/** A short name for some content: the same content, the same name, in whatever order its fields were written. */
export function contentHash(content: unknown): string {
  return hash("sha256", sortedJson(content)).slice(0, 16);
}

/** The same text as `toJson`, but for the order of fields. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`;
  if (value instanceof Float64Array) return `{"float64":[${Array.from(value, sortedJson).join()}]}`;
  if (value === Number.POSITIVE_INFINITY) return '{"float64":"infinity"}';
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, child]) => child !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  const text = (key: string, child: unknown) => (key === "profile" ? profileJson(child) : sortedJson(child));
  return `{${fields.map(([key, child]) => `${JSON.stringify(key)}:${text(key, child)}`).join()}}`;
}

const profileTexts = new WeakMap<object, string>();

/** Every job and service names its profile, which nobody changes: its text is made once. */
function profileJson(profile: unknown): string {
  if (typeof profile !== "object" || profile === null) return sortedJson(profile);
  const text = profileTexts.get(profile) ?? sortedJson(profile);
  profileTexts.set(profile, text);
  return text;
}

export function encodePlanning(planning: Planning): Uint8Array {
  const { run: _, ...stored } = planning;
  return Buffer.from(toJson(stored), "utf8");
}

export function decodePlanning(bytes: Uint8Array): Planning {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"), reviveNumbers) as Planning;
  } catch (cause) {
    throw new CarmError("ERR_STATE_CORRUPT", "a stored planning can't be read", { cause });
  }
}

/** JSON that keeps typed arrays and infinities. */
function toJson(value: unknown): string {
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
