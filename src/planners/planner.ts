import type { SeriesForecast } from "../forecast/index.ts";
import type { Pool, Profile } from "../records/index.ts";

/** Everything a planner may know. Plain data, made by the processor from its state. */
export interface PlanningProblem {
  /** Epoch milliseconds, UTC. */
  readonly nowMs: number;
  readonly pue: number;
  readonly powerCapWatts: number | null;
  readonly limits: ClockLimits;
  /** Consecutive, the first starts at or before `nowMs`; plans are counts and clocks a slot. */
  readonly slots: readonly Slot[];
  readonly pools: readonly PlanningPool[];
  readonly jobs: readonly PlanningJob[];
  readonly services: readonly PlanningService[];
  /** False if the intensity forecast has shown no skill lately: then only energy is planned, not timing. */
  readonly intensityForecastUsable: boolean;
}

/** Policy limits on clocks, MHz; null for the device's own. */
export interface ClockLimits {
  readonly minSmClockMhz: number | null;
  readonly maxSmClockMhz: number | null;
}

export interface Slot {
  readonly startsAt: number;
  readonly durationMs: number;
  /** Forecast median, g/kWh. */
  readonly gco2PerKwh: number;
  /** Price of a kWh in the cluster's currency; 0 if unknown. */
  readonly pricePerKwh: number;
  /** Forecast on-site supply, watts; 0 without. */
  readonly onSiteWatts: number;
}

export interface PlanningPool {
  readonly pool: Pool;
  /** GPUs that work now: declared less lost. */
  readonly gpus: number;
}

export interface PlanningJob {
  readonly id: string;
  readonly pool: string;
  readonly profile: Profile;
  /** Samples still to do. */
  readonly samplesLeft: number;
  /** Measured over modelled speed so far; 1 until something was measured. */
  readonly speedRatio: number;
  readonly submittedAt: number;
  readonly deadlineAt: number | null;
  readonly earliestStartAt: number | null;
  readonly priority: number;
  readonly requestedWorkers: number;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly pausable: boolean;
  readonly resizable: boolean;
  readonly restartCostMs: number;
  /** Workers running now, 0 if waiting or paused. */
  readonly workers: number;
  /** True once it has run: then a job that is not pausable must go on. */
  readonly started: boolean;
  /** What is set now; null before the first decision. */
  readonly smClockMhz: number | null;
}

export interface PlanningService {
  readonly id: string;
  readonly pool: string;
  readonly profile: Profile;
  readonly gpus: number;
  readonly latencyQuantile: number;
  readonly latencyTargetMs: number;
  /** How many times as many requests are slow as the profile says, by measurement; 1 if nothing was measured. */
  readonly tailFactor?: number;
  /** Forecast of arrivals, requests per second of the whole service. */
  readonly arrivals: SeriesForecast;
}

/** What to do, slot by slot. */
export interface PlannerResult {
  readonly jobs: readonly JobPlan[];
  readonly services: readonly ServicePlan[];
}

export interface JobPlan {
  readonly id: string;
  /** One entry a slot, 0 where the job does not run. */
  readonly workers: readonly number[];
  /** MHz, one entry a slot, 0 where the job does not run. */
  readonly smClockMhz: readonly number[];
  /** When it is expected to finish; null if not within the slots. */
  readonly expectedFinishAt: number | null;
  /** Expected grams until it is finished, idle power left out. */
  readonly expectedGrams: number;
  /** False if the deadline can't be met even at the most the job may use. */
  readonly feasible: boolean;
}

export interface ServicePlan {
  readonly id: string;
  /** MHz, one entry a slot. */
  readonly smClockMhz: readonly number[];
}

/** A scheduling algorithm: pure, in counted work. */
export interface Planner {
  readonly name: string;
  /** True if the clocks of services follow measured latency between plans (see latency-guard). */
  readonly guardsLatency: boolean;
  /**
   * Computes a plan piece by piece: each `yield` ends one unit of work (at most about a millisecond), so that a task
   * never blocks. The same problem gives the same result.
   */
  plan(problem: PlanningProblem): Generator<undefined, PlannerResult>;
}
