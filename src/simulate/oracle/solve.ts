import highsModule, { type Highs } from "highs";
import { CarmError } from "../../records/index.ts";
import type { OracleProblem, OracleResult } from "./problem.ts";
import { idleKw, type PlanVariable, type Program, programOf } from "./program.ts";

export interface SolveOptions {
  /** Whole plans instead of the lower bound: for small problems. */
  readonly integral?: boolean;
  /** Wall-clock limit of the solver. */
  readonly timeLimitSeconds?: number;
}

/** Shares below this are rounding of the solver. */
const SHARE_MIN = 1e-7;

// The types describe the CommonJS build; what Node imports is the loader itself.
const loadHighs = highsModule as unknown as () => Promise<Highs>;
let solver: Promise<Highs> | undefined;

/**
 * Solves a problem with HiGHS: as a linear program, a lower bound on every real schedule, or as a mixed-integer one.
 * Throws ERR_ORACLE_FAILED if there is no solution, for example because a job can't meet its deadline.
 */
export async function solveOracle(problem: OracleProblem, options: SolveOptions = {}): Promise<OracleResult> {
  solver ??= loadHighs();
  const highs = await solver;
  const program = programOf(problem, options.integral === true);
  return highs.withModel(program.data as never, (model) => {
    model.options.set({
      output_flag: false,
      ...(options.timeLimitSeconds !== undefined && { time_limit: options.timeLimitSeconds }),
      ...(options.integral === true && { mip_rel_gap: 1e-6 }),
    });
    model.run();
    const status = model.getModelStatus();
    if (status !== highs.constants.modelStatus.optimal) {
      throw new CarmError(
        "ERR_ORACLE_FAILED",
        `HiGHS found no best plan (status ${status}): some job can't do its work between its arrival and its deadline, or the time limit was too short.`,
      );
    }
    return resultOf(problem, program, model.getSolution().colValue, model.getObjectiveValue());
  });
}

function resultOf(
  problem: OracleProblem,
  program: Program,
  values: Float64Array,
  objective: number,
): OracleResult {
  const plan: OracleResult["plan"][number][] = [];
  const services: OracleResult["services"][number][] = [];
  for (const [column, variable] of program.plan) {
    const share = values[column]!;
    if (share < SHARE_MIN) continue;
    const { id, slot, option } = variable;
    if (variable.kind === "job")
      plan.push({ job: id, slot, workers: variable.option.workers, mhz: option.mhz, share });
    else if (share > 0.5) services.push({ service: id, slot, mhz: option.mhz, gpus: variable.option.gpus });
  }
  const planned = plannedKw(problem, program.plan, values);
  const { grams, kwh } = emitted(
    problem,
    planned.map((kw) => kw + idleKw(problem)),
  );
  const idleGrams = emitted(
    problem,
    planned.map(() => idleKw(problem)),
  ).grams;
  // The objective is energy and starts together, unless work is maximised.
  const startGrams = problem.carbonBudgetG === null ? Math.max(0, objective - grams) : 0;
  return { status: "optimal", grams, startGrams, gramsAboveIdle: grams - idleGrams, kwh, plan, services };
}

/** IT power above idle of each slot; idle watts of working GPUs included where only those are charged. */
function plannedKw(
  problem: OracleProblem,
  plan: ReadonlyMap<number, PlanVariable>,
  values: Float64Array,
): number[] {
  const pools = new Map([...problem.jobs, ...problem.services].map(({ id, pool }) => [id, pool]));
  const kw = problem.slots.map(() => 0);
  for (const [column, variable] of plan) {
    const { id, slot, option } = variable;
    const gpus = variable.kind === "job" ? variable.option.workers : variable.option.gpus;
    const idleW =
      problem.idle === "active" ? problem.pools.find((pool) => pool.id === pools.get(id))!.idleW : 0;
    kw[slot]! += (values[column]! * (option.watts + gpus * idleW)) / 1000;
  }
  return kw;
}

/** Σ intensity × hours × max(0, PUE × power − supply). */
function emitted({ slots }: OracleProblem, kw: readonly number[]): { grams: number; kwh: number } {
  let grams = 0;
  let kwh = 0;
  for (const [t, { hours, intensity, pue, renewableW }] of slots.entries()) {
    grams += intensity * hours * Math.max(0, pue * kw[t]! - renewableW / 1000);
    kwh += hours * kw[t]!;
  }
  return { grams, kwh };
}
