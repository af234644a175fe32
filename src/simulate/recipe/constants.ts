/** What the recipe fixes because the traces do not say it. */
export const recipe = {
  clusterName: "sim",
  gpuModel: "rtx-4090",
  pue: 1.2,
  services: 3,
  /** Of all GPUs, the part of one service: three services leave five eighths to training. */
  gpusPerServiceShare: 1 / 8,
  /** Jobs for three days on 32 GPUs; in proportion otherwise. */
  jobs: 40,
  jobsDays: 3,
  jobsGpus: 32,
  maxWorkers: 8,
  resizableShare: 0.5,
  pausableShare: 0.7,
  restartCostMinMs: 60_000,
  restartCostMaxMs: 180_000,
  /** Part of the training pool's GPU-hours that the jobs need as requested at the highest clock, at most. */
  trainingUtilizationMax: 0.5,
  /** Every deadline lies at least this long before the end. */
  deadlineMarginMs: 2 * 3_600_000,
  latencyQuantile: 0.99,
  /** Latency target over the latency of a lone request at the highest clock. */
  latencyTargetFactor: 3,
  /** Peak rate over the highest rate that the highest clock serves within the target. */
  peakShare: { low: 0.4, high: 0.85 },
  rateStepMs: 10 * 60_000,
  rateHistoryMs: 14 * 86_400_000,
  gridHistoryMs: 90 * 86_400_000,
  pricePerKwh: { night: 0.12, shoulder: 0.2, peak: 0.3 },
} as const;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
