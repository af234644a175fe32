const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What no true record exceeds. Wide on purpose: these limits find units mixed up and garbage, not unusual days. */
export const recordLimits = {
  /** Records and what they tell of lie between these years. */
  minTimestamp: Date.UTC(2000, 0, 1),
  maxTimestamp: Date.UTC(2100, 0, 1),
  maxDurationMs: 366 * DAY_MS,
  /** Names of jobs, services, nodes, models, zones. */
  maxNameCharacters: 253,
  /** Text for people. */
  maxTextCharacters: 4096,
  /** Lignite plants reach about 1,200 g/kWh, small diesel grids twice that. */
  maxGco2PerKwh: 5000,
  /** Either sign, in any currency. */
  maxPricePerKwh: 1_000_000,
  maxOnSiteWatts: 1e10,
  /** One board; the largest of 2025 take 1,400 W. */
  maxGpuPowerWatts: 5000,
  maxSmClockMhz: 10_000,
  minTemperatureCelsius: -50,
  maxTemperatureCelsius: 200,
  maxGpusPerNode: 256,
  maxGpus: 1_000_000,
  maxTenantsPerGpu: 256,
  maxPools: 1000,
  maxWorkers: 100_000,
  maxLatencyMs: HOUR_MS,
  maxHistogramBuckets: 512,
  maxRestartCostMs: DAY_MS,
  maxLeaseMs: 7 * DAY_MS,
  /** Facility energy over IT energy. */
  maxPue: 10,
  maxCurvePoints: 10_000,
  maxPlanSlots: 100_000,
  maxPlannedWorkloads: 100_000,
  maxForecastLevels: 1000,
} as const;

/** How far `observedAt` may be from the append time of its record. */
export const clockSkewLimits = {
  maxAheadMs: 5 * MINUTE_MS,
  maxBehindMs: HOUR_MS,
} as const;
