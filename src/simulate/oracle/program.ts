import { addJob } from "./job-columns.ts";
import type { OracleOption, OracleProblem, OracleServingOption } from "./problem.ts";
import { ProgramBuilder } from "./program-builder.ts";
import { servingChoices } from "./serving-choice.ts";

/** A variable of the program that stands for a piece of the plan. */
export type PlanVariable =
  | { readonly kind: "job"; readonly id: string; readonly slot: number; readonly option: OracleOption }
  | {
      readonly kind: "service";
      readonly id: string;
      readonly slot: number;
      readonly option: OracleServingOption;
    };

export interface Program {
  readonly data: ReturnType<ProgramBuilder["data"]>;
  /** By column. */
  readonly plan: ReadonlyMap<number, PlanVariable>;
}

/** What is put together on the way. */
export interface Draft {
  readonly problem: OracleProblem;
  readonly builder: ProgramBuilder;
  readonly plan: Map<number, PlanVariable>;
  /** One option a job and slot, whole GPUs, starts that cost; otherwise shares of options, a lower bound. */
  readonly integral: boolean;
  /** Row of the emissions; null where least grams are looked for. */
  readonly budgetRow: number | null;
  readonly slots: readonly SlotRows[];
}

/** Rows that every slot has. */
export interface SlotRows {
  /** bought kW − PUE × planned kW ≥ PUE × idle kW − supply kW. */
  readonly power: number;
  /** GPUs by pool. */
  readonly gpus: ReadonlyMap<string, number>;
}

const NONE = Number.NEGATIVE_INFINITY;

/**
 * The program of docs/evaluation.md: x[j,t,o] = share of slot t that job j spends in option o. Power is in kilowatts and
 * work in shares of the job, so that numbers are of like size.
 */
export function programOf(problem: OracleProblem, integral: boolean): Program {
  const builder = new ProgramBuilder();
  const { carbonBudgetG } = problem;
  const budgetRow = carbonBudgetG === null ? null : builder.row(NONE, carbonBudgetG);
  const slots = problem.slots.map((slot): SlotRows => {
    const power = builder.row(slot.pue * idleKw(problem) - slot.renewableW / 1000, Number.POSITIVE_INFINITY);
    const grams = slot.intensity * slot.hours;
    const bounds = { lower: 0, upper: Number.POSITIVE_INFINITY };
    if (budgetRow === null) builder.column(grams, bounds, [[power, 1]]);
    // The first row is the budget: rows of a column rise.
    else
      builder.column(0, bounds, [
        [budgetRow, grams],
        [power, 1],
      ]);
    return { power, gpus: new Map(problem.pools.map(({ id, gpus }) => [id, builder.row(NONE, gpus)])) };
  });
  const draft: Draft = { problem, builder, plan: new Map(), integral, budgetRow, slots };
  for (const service of problem.services) addService(draft, service);
  for (const job of problem.jobs) addJob(draft, job);
  return { data: builder.data(), plan: draft.plan };
}

function addService(draft: Draft, service: OracleProblem["services"][number]): void {
  const { problem, builder, integral } = draft;
  for (const [slot, serviceSlot] of service.slots.entries()) {
    const { power, gpus } = draft.slots[slot]!;
    const one = builder.row(1, 1);
    for (const option of servingChoices(serviceSlot)) {
      const kw = (option.watts + activeIdleW(problem, service.pool) * option.gpus) / 1000;
      const column = builder.column(0, { lower: 0, upper: 1, integral }, [
        [power, -problem.slots[slot]!.pue * kw],
        [gpus.get(service.pool)!, option.gpus],
        [one, 1],
      ]);
      draft.plan.set(column, { kind: "service", id: service.id, slot, option });
    }
  }
}

/** Power of what idles whatever is planned. */
export function idleKw({ idle, pools }: OracleProblem): number {
  return idle === "all" ? pools.reduce((sum, pool) => sum + pool.gpus * pool.idleW, 0) / 1000 : 0;
}

/** Idle watts that a GPU is charged only while it works. */
export function activeIdleW({ idle, pools }: OracleProblem, pool: string): number {
  return idle === "active" ? pools.find(({ id }) => id === pool)!.idleW : 0;
}
