/**
 * The constants of the simulated world. What carries "at model error 1" is multiplied by the scenario's model error,
 * so at 0 the truth is what the profiles say.
 */
export const physics = {
  /** Longest internal step. */
  stepMs: 10_000,
  windowMs: 30_000,
  /** Time from a change of the lock to the new clock (throttLL'eM measures about 200 ms). */
  clockSwitchMs: 200,
  /** Half-width of the spread between boards, at model error 1. */
  powerSpread: 0.05,
  speedSpread: 0.03,
  /** How far a model's level of speed and power lies off its profile at most, at model error 1. */
  levelDeviation: 0.03,
  /** Exponent on relative speed and on busy power over its top: bends the curves by up to about 3 %, at model error 1. */
  curveDeviation: 0.045,
  ambientCelsius: 28,
  /** Half-width of the spread of inlet temperature between boards, at model error 1. */
  ambientSpreadCelsius: 4,
  /** Rise over ambient at the board's power limit, once settled. */
  temperatureRiseCelsius: 48,
  thermalTimeConstantMs: 60_000,
  /** More power a degree over the temperature at which the profile was measured, at model error 1. */
  leakagePerCelsius: 0.001,
  /** Standard deviation of reported watts (relative) and utilisation (absolute), at model error 1. */
  powerNoise: 0.01,
  utilizationNoise: 0.02,
  /** Share of the busy power that a board draws while a job loads its checkpoint. */
  restartUtilization: 0.2,
  checkpointEveryMs: 15 * 60_000,
  /** Mean running time between crashes of a job, at model error 1. */
  crashMeanTimeMs: 150 * 3_600_000,
  /** Mean time between losses of one GPU, at model error 1, and how long it stays away. */
  lossMeanTimeMs: 2_000 * 3_600_000,
  lossMinMs: 20 * 60_000,
  lossMaxMs: 90 * 60_000,
  /** Straggling is drawn for each board and phase: chance at model error 1, and the slowest factor. */
  phaseMs: 10 * 60_000,
  slowPhaseChance: 0.01,
  slowPhaseFactorMin: 0.7,
  slowPhaseFactorMax: 0.95,
  /** Coefficient of variation of the arrival rate of a 30 s window around the scenario's, at model error 1. */
  windowBurst: 0.06,
  /** The same from one burst to the next inside a window, and the mean length of a burst. */
  secondsBurst: 0.25,
  burstMs: 2_000,
} as const;
