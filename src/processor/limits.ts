/** Every limit of the processor: a name, a value, a unit. */
export const limits = {
  /** A node that has been silent for longer does not count as capacity, ms. */
  nodeSilentMs: 180_000,
  /** A service that has been silent for longer gets the top clock, ms. */
  serviceSilentMs: 120_000,
  /** Without a measured intensity for longer, the forecast counts as climatology: no more than the usual day, ms. */
  intensityForecastMs: 24 * 3_600_000,
  /** Without a measured intensity for longer, timing is no longer planned, ms. */
  intensityClimatologyMs: 7 * 24 * 3_600_000,
  /** A service that misses its target for long asks for a new plan this often at most, ms. */
  breachPlanMs: 600_000,
  /** How long an hour waits for late samples before it is stated, ms. */
  ledgerGraceMs: 120_000,
  /** How long a stated hour can still be revised, and grid intervals are kept, ms. */
  revisionWindowMs: 72 * 3_600_000,
  /** How long the start of a request window is remembered to tell duplicates, ms. */
  windowMemoryMs: 600_000,
  /** Providers whose intensity forecasts are heard, a cluster; later ones are not. */
  providersMax: 4,
  /** Longest horizon of a plan, hours. */
  horizonHoursMax: 96,
  /** Shortest horizon of a plan, hours. */
  horizonHoursMin: 24,
  /** A longer problem is not kept with its plan, so that the record stays below what brokers take, characters. */
  planProblemCharactersMax: 500_000,
  /** Units of planning work done in one step. */
  planningUnitsPerStep: 8,
  /** Setpoints of a new slot wait this long for the plan made for it, ms. */
  slotGraceMs: 60_000,
  /** Leases are renewed after this share of their length. */
  leaseRenewalShare: 1 / 3,
  /** An intensity forecast that was lately worse than persistence by more than this share is not acted on. */
  intensitySkillMin: -0.1,
  /** Steady time before a job's speed is compared with its profile, ms. */
  speedWindowMs: 900_000,
} as const;
