/** Values at a fixed distance; value i is of [startsAt + i × stepMs, startsAt + (i + 1) × stepMs), null if there was none. */
export interface Series {
  readonly startsAt: number;
  readonly stepMs: number;
  readonly values: readonly (number | null)[];
}

/** What one run of one policy left in the log. Grams and kWh are of the whole cluster, idle power included. */
export interface PolicyMeasurements {
  /** Name of the planner, as `--planner` takes it. */
  readonly policy: string;
  readonly kgCo2: number;
  readonly kwh: number;
  readonly services: readonly ServiceRun[];
  readonly jobs: readonly JobRun[];
  /** Useful training samples. */
  readonly samples: number;
  readonly clockChanges: number;
  readonly resizes: number;
  /** kg CO2 since the start, at the end of each step. */
  readonly cumulativeKgCo2: Series;
  /** Mean over training GPUs at work, MHz. */
  readonly trainingClockMhz: Series;
  /** Grid intensity as measured, g/kWh. */
  readonly intensity: Series;
  /** What was forecast for the same hours a day before; null if no forecast was issued. */
  readonly dayAhead: IntensityForecast | null;
}

export interface ServiceRun {
  readonly service: string;
  /** For example 0.99. */
  readonly latencyQuantile: number;
  readonly latencyTargetMs: number;
  readonly requests: number;
  readonly requestsOverTarget: number;
  readonly clockMhz: Series;
  /** The promised quantile of each step. */
  readonly latencyMs: Series;
}

export interface JobRun {
  readonly job: string;
  readonly submittedAt: number;
  readonly deadlineAt: number | null;
  readonly finishedAt: number | null;
  readonly deadlineMissed: boolean;
  /** Workers from each moment on, by rising time; 0 while it waits or is paused. */
  readonly workers: readonly { readonly at: number; readonly workers: number }[];
}

/** Quantiles of the forecast, g/kWh; the three series have the same steps. */
export interface IntensityForecast {
  readonly low: Series;
  readonly median: Series;
  readonly high: Series;
  /** Levels of `low` and `high`, for example 0.05 and 0.95. */
  readonly lowLevel: number;
  readonly highLevel: number;
}

/** What the runs have in common. */
export interface RunInput {
  readonly zone: string;
  /** ISO 8601, UTC. */
  readonly start: string;
  readonly days: number;
  readonly gpus: number;
  readonly gpuModel: string;
  readonly load: "low" | "high";
  readonly slack: number;
  readonly seed: number;
  readonly modelError: number;
  /** As `--on-site` takes it; null without. */
  readonly onSite: string | null;
  readonly traces: "recorded" | "typical";
  readonly services: number;
  readonly jobs: number;
}

/** One policy with what follows from its measurements. */
export interface PolicyRun extends PolicyMeasurements {
  readonly requests: number;
  readonly requestsOverTarget: number;
  /** Requests over target ÷ requests; 0 without requests. */
  readonly slaViolationRatio: number;
  readonly jobsSubmitted: number;
  readonly jobsFinished: number;
  readonly deadlineMisses: number;
  /** Useful samples a gram. */
  readonly ppcTraining: number;
  /** Requests within target a gram. */
  readonly ppcInference: number;
  /** Work relative to MAX's, training and inference equally weighted, a gram; null without a run of MAX. */
  readonly ppc: number | null;
  /** Promises it broke, in words; empty if it kept all. */
  readonly brokenPromises: readonly string[];
}

/** All runs over the same input. Savings are fractions of the competitor's carbon; null without the runs they need. */
export interface DemoResult {
  readonly policies: readonly PolicyRun[];
  readonly savingVsMeanOfCompetitors: number | null;
  /** Against the competitor of least carbon that kept its promises. */
  readonly savingVsBestCompetitor: number | null;
  /** Name of that competitor. */
  readonly bestCompetitor: string | null;
  readonly input: RunInput;
  /** Where each part of the input comes from and what was assumed. */
  readonly provenance: readonly string[];
  /** Lines that the licences of the data ask for. */
  readonly attribution: readonly string[];
}
