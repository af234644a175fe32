import { CarmError, type JobSpec } from "../../../records/index.ts";
import { parseDuration, parseMoment } from "./duration.ts";

/** What a user can say about a job in its own scheduler, by name; every value is text. */
export const jobWishNames = [
  "cluster",
  "model",
  "samples",
  "pool",
  "deadline",
  "deadline-kind",
  "earliest-start",
  "priority",
  "min-workers",
  "max-workers",
  "pausable",
  "resizable",
  "restart-cost",
] as const;

export type JobWishes = Partial<Record<(typeof jobWishNames)[number], string>>;

/** What the scheduler knows of the job without being told. */
export interface JobFacts {
  readonly system: JobSpec["system"];
  readonly ref: string;
  readonly submittedAt: number;
  /** GPUs it asked for, all workers together. */
  readonly requestedWorkers: number;
  /** Most GPUs it could use; null if the scheduler sets no bound. */
  readonly mostWorkers: number | null;
  /** False where the scheduler can't change the width of this job. */
  readonly canResize: boolean;
  /** False where the scheduler can't stop and resume this job. */
  readonly canPause: boolean;
  readonly priority: number;
  readonly defaultPool: string;
}

/**
 * A job as it is planned, from what its user said. What was not said is the safe thing: not pausable, not resizable,
 * exactly the workers asked for. A range of workers says that the job may be resized. Throws ERR_OPTION_INVALID,
 * naming the wish and what it takes.
 */
export function jobSpecOf(wishes: JobWishes, facts: JobFacts): JobSpec {
  const { requestedWorkers, submittedAt } = facts;
  const workers = (name: "min-workers" | "max-workers") =>
    take(wishes, name, "a whole number from 1 up", (text) =>
      /^[1-9]\d{0,4}$/.test(text) ? Number(text) : null,
    );
  const moment = (name: "deadline" | "earliest-start") =>
    take(wishes, name, "a time such as 2025-03-01T08:00:00Z or a duration such as 36h", (text) =>
      parseMoment(text, submittedAt),
    );
  const least = workers("min-workers");
  const most = workers("max-workers");
  const saidResizable = flag(wishes, "resizable");
  const resizable = (saidResizable ?? (least !== null || most !== null)) && facts.canResize;
  const mostPossible = Math.min(most ?? requestedWorkers, facts.mostWorkers ?? Number.POSITIVE_INFINITY);
  const minWorkers = resizable ? (least ?? requestedWorkers) : requestedWorkers;
  const maxWorkers = resizable ? Math.max(mostPossible, requestedWorkers) : requestedWorkers;
  if (minWorkers > requestedWorkers) {
    throw invalid("min-workers", `${minWorkers} is above the ${requestedWorkers} that the job asks for`);
  }
  const deadlineAt = moment("deadline");
  const earliestStartAt = moment("earliest-start");
  if (deadlineAt !== null && earliestStartAt !== null && deadlineAt <= earliestStartAt) {
    throw invalid("deadline", "it is not after the earliest start");
  }
  const kind = take(wishes, "deadline-kind", "hard or soft", (text) =>
    text === "hard" || text === "soft" ? text : null,
  );
  const number = (text: string) => (Number(text) > 0 && Number.isFinite(Number(text)) ? Number(text) : null);
  const whole = (text: string) => (/^-?\d{1,9}$/.test(text) ? Number(text) : null);
  return {
    system: facts.system,
    ref: facts.ref,
    pool: wishes.pool || facts.defaultPool,
    model: wishes.model || "unknown",
    samples: take(wishes, "samples", "a number above 0", number),
    deadlineAt,
    deadlineKind: kind ?? "hard",
    earliestStartAt,
    priority: take(wishes, "priority", "a whole number", whole) ?? facts.priority,
    requestedWorkers,
    minWorkers,
    maxWorkers,
    pausable: (flag(wishes, "pausable") ?? false) && facts.canPause,
    resizable,
    restartCostMs: take(wishes, "restart-cost", "a duration such as 90s", parseDuration) ?? 0,
  };
}

function flag(wishes: JobWishes, name: "pausable" | "resizable"): boolean | null {
  return take(wishes, name, "true or false", (text) =>
    text === "true" ? true : text === "false" ? false : null,
  );
}

/** null if nothing was said. */
function take<T>(
  wishes: JobWishes,
  name: keyof JobWishes,
  takes: string,
  parse: (text: string) => T | null,
): T | null {
  const text = wishes[name]?.trim();
  if (text === undefined || text === "") return null;
  const value = parse(text);
  if (value === null) throw invalid(name, `${JSON.stringify(text.slice(0, 100))} is not ${takes}`);
  return value;
}

function invalid(name: keyof JobWishes, why: string): CarmError {
  return new CarmError("ERR_OPTION_INVALID", `${name}: ${why}.`);
}
