export type { Profile } from "../records/index.ts";
export { byLimits } from "./by-limits.ts";
export { type ClockLimits, supportedSmClocksMhz } from "./clocks.ts";
export { busyPowerWatts, leastEnergySmClockMhz, relativeSpeed } from "./curve.ts";
export { findProfile } from "./find.ts";
export { fitCurve, type MeasuredPoint } from "./fit.ts";
export { profileLibrary } from "./library/index.ts";
export type { ProfileTemplate } from "./profile-template.ts";
export {
  busyShare,
  latencyQuantileMs,
  maxRequestsPerSecondPerGpu,
  type ServingPoint,
  servingPowerWatts,
  shareOverTarget,
} from "./serving.ts";
export {
  efficientTrainingOptions,
  samplesPerSecond,
  type TrainingOption,
  trainingOptions,
} from "./training.ts";
