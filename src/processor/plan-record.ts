import { HOUR_MS } from "../ledger/index.ts";
import { findPlanner, type PlannerResult, type PlanningProblem } from "../planners/index.ts";
import { CarmError, type Plan } from "../records/index.ts";
import { limits } from "./limits.ts";
import { contentHash } from "./planning.ts";
import { problemFrom, problemText } from "./problem-text.ts";

type PlanOrigin = Pick<Plan, "cluster" | "observedAt" | "planner" | "trigger">;

/** A planner's result as a record, with the problem it was made from. */
export function planRecord(origin: PlanOrigin, problem: PlanningProblem, result: PlannerResult): Plan {
  const body = {
    jobs: result.jobs.map(({ id, workers, smClockMhz, expectedFinishAt, ...expected }) => ({
      job: id,
      ...expected,
      expectedFinishAt: expectedFinishAt === null ? null : Math.ceil(expectedFinishAt),
      workers: [...workers],
      smClockMhz: [...smClockMhz],
    })),
    services: result.services.map(({ id, smClockMhz }) => ({ service: id, smClockMhz: [...smClockMhz] })),
  };
  const text = problemText(problem);
  return {
    ...origin,
    hash: contentHash(body),
    inputsHash: contentHash(problem),
    startsAt: problem.slots[0]?.startsAt ?? origin.observedAt,
    slotMs: HOUR_MS,
    expectedGrams: result.jobs.reduce((sum, job) => sum + job.expectedGrams, 0),
    ...body,
    problem: text.length <= limits.planProblemCharactersMax ? text : "",
  };
}

/**
 * Makes a plan again from what its record says it was made from. A plan that differs was made by another version of its
 * planner; compare the hashes. Throws ERR_RECORD_INVALID if the record does not hold its problem or not the one it names.
 */
export function replayPlan(plan: Plan): Plan {
  if (plan.problem === "") {
    throw new CarmError(
      "ERR_RECORD_INVALID",
      `plan ${plan.hash} was too large to keep what it was made from`,
    );
  }
  const problem = problemFrom(plan.problem);
  if (contentHash(problem) !== plan.inputsHash) {
    throw new CarmError("ERR_RECORD_INVALID", `plan ${plan.hash} does not hold the problem it names`);
  }
  const run = findPlanner(plan.planner).plan(problem);
  let next = run.next();
  while (next.done !== true) next = run.next();
  const { cluster, observedAt, planner, trigger } = plan;
  return planRecord({ cluster, observedAt, planner, trigger }, problem, next.value);
}
