import type { Cluster, JobSpec, Profile, ServiceSpec } from "../records/index.ts";

/** What a user chooses. */
export interface ScenarioOptions {
  readonly zone: string;
  /** A full hour, epoch milliseconds UTC. */
  readonly startsAt: number;
  readonly days: number;
  readonly gpus: number;
  readonly load: "low" | "high";
  /** Deadline = submission + slack × duration. */
  readonly slack: number;
  readonly seed: number;
  readonly modelError: 0 | 1 | 2;
  readonly onSite: { readonly kind: "solar" | "wind" | "both"; readonly share: number } | null;
}

/** Everything that is the same for every policy: plain data. */
export interface Scenario {
  readonly options: ScenarioOptions;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly cluster: Cluster;
  /** What the planner is told; the truth of the simulator differs (see physics). */
  readonly profiles: readonly Profile[];
  /** Hourly, from before `startsAt` (history for the forecasts) to `endsAt`. */
  readonly grid: readonly GridHour[];
  readonly services: readonly ScenarioService[];
  /** By rising submission. */
  readonly jobs: readonly ScenarioJob[];
  /** Where each part comes from and what was assumed, for the report. */
  readonly provenance: readonly string[];
}

export interface GridHour {
  readonly startsAt: number;
  readonly gco2PerKwh: number;
  readonly pricePerKwh: number;
  /** 0 without on-site supply. */
  readonly onSiteWatts: number;
}

export interface ScenarioService {
  readonly id: string;
  readonly spec: ServiceSpec;
  /** Start of the first step of `requestsPerSecond`; earlier than the scenario's start, as history for the forecasts. */
  readonly ratesStartAt: number;
  readonly rateStepMs: number;
  /** Mean arrivals of the whole service, one value a step, to the scenario's end. */
  readonly requestsPerSecond: Float64Array;
}

export interface ScenarioJob {
  readonly id: string;
  readonly submittedAt: number;
  readonly spec: JobSpec;
}
