import { hash } from "node:crypto";
import type { Planner, PlannerResult, PlanningProblem } from "../planners/index.ts";
import { CarmError } from "../records/index.ts";
import { problemFrom, problemText } from "./problem-text.ts";

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

/** The same text as `exactJson`, but for the order of fields. */
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

export function encodePlanning({ planner, trigger, problem, unitsDone }: Planning): Uint8Array {
  return Buffer.from(JSON.stringify({ planner, trigger, unitsDone, problem: problemText(problem) }), "utf8");
}

export function decodePlanning(bytes: Uint8Array): Planning {
  try {
    const { problem, ...planning } = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return { ...planning, problem: problemFrom(problem) };
  } catch (cause) {
    throw new CarmError("ERR_STATE_CORRUPT", "a stored planning can't be read", { cause });
  }
}
