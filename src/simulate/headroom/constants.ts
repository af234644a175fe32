/** The set-up of `carm evaluate`: what differs from the demo's recipe. */
export const headroom = {
  gpus: 48,
  /** Of all GPUs; three equal services take the other half. */
  trainingShare: 1 / 2,
  /** Days after the arrivals in which jobs may finish. */
  finishDays: 2,
  jobMinMs: 2 * 3_600_000,
  jobMaxMs: 24 * 3_600_000,
  jobGpus: [1, 2, 4, 8],
  /** Part of the training pool's GPU-hours during the arrivals that the jobs need as requested at the highest clock. */
  trainingUtilization: 0.5,
  maxWorkers: 8,
  maxWorkersOverRequested: 4,
  restartCostMinMs: 60_000,
  restartCostMaxMs: 180_000,
  /** Scaling curves of the jobs, where the profiles have them; all training profiles where not. */
  trainingModels: ["vgg16", "inception3"],
} as const;
