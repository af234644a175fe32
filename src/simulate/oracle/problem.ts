/**
 * A scheduling problem as anyone can solve it, in the format `carm-oracle/1` (docs/evaluation.md). Watts, hours, g/kWh, grams;
 * slots and indices from 0.
 */
export interface OracleProblem {
  readonly format: "carm-oracle/1";
  /** On what idle watts are charged: all GPUs of the pools, those that work, or none. */
  readonly idle: "all" | "active" | "none";
  readonly slots: readonly OracleSlot[];
  readonly pools: readonly OraclePool[];
  /** Ways to train, by profile. */
  readonly profiles: Readonly<Record<string, readonly OracleOption[]>>;
  readonly jobs: readonly OracleJob[];
  readonly services: readonly OracleService[];
  /** If set: most completed work, a share of each job, within the budget; instead of least grams. */
  readonly carbonBudgetG: number | null;
}

export interface OracleSlot {
  readonly hours: number;
  readonly intensity: number;
  readonly renewableW: number;
  readonly pue: number;
  readonly price: number;
}

export interface OraclePool {
  readonly id: string;
  readonly gpus: number;
  readonly idleW: number;
}

export interface OracleOption {
  readonly workers: number;
  readonly mhz: number;
  /** Work an hour. */
  readonly rate: number;
  /** Above idle, of all workers. */
  readonly watts: number;
}

export interface OracleJob {
  readonly id: string;
  readonly pool: string;
  readonly profile: string;
  /** May run in slots from `arrival` up to `deadline`, not included. */
  readonly arrival: number;
  readonly deadline: number;
  readonly work: number;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly requested: { readonly workers: number; readonly mhz: number };
  /** What every start costs, in grams and watt-hours. */
  readonly startG?: number;
  readonly startWh?: number;
}

export interface OracleService {
  readonly id: string;
  readonly pool: string;
  readonly gpus: number;
  readonly slots: readonly OracleServiceSlot[];
}

export interface OracleServiceSlot {
  /** Requests a second, the slot's mean. */
  readonly requests: number;
  readonly options: readonly OracleServingOption[];
}

export interface OracleServingOption {
  readonly mhz: number;
  readonly gpus: number;
  /** True if the latency target holds. */
  readonly ok: boolean;
  /** Above idle, of all its GPUs. */
  readonly watts: number;
}

export interface OracleResult {
  readonly status: "optimal" | "infeasible" | "limit";
  /** Of energy. */
  readonly grams: number;
  readonly gramsAboveIdle: number;
  /** Of starts, where they cost something: not in `grams`. */
  readonly startGrams: number;
  readonly kwh: number;
  readonly plan: readonly OraclePlanEntry[];
  readonly services: readonly OracleServicePlan[];
}

export interface OraclePlanEntry {
  readonly job: string;
  readonly slot: number;
  readonly workers: number;
  readonly mhz: number;
  readonly share: number;
}

export interface OracleServicePlan {
  readonly service: string;
  readonly slot: number;
  readonly mhz: number;
  readonly gpus: number;
}
