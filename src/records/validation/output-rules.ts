import type {
  DeadLetter,
  Decision,
  Forecast,
  Interleaving,
  Job,
  LedgerEntry,
  Plan,
  PlannedJob,
  PlannedService,
  Reason,
  Tick,
} from "../records.generated.ts";
import {
  amount,
  count,
  duration,
  epoch,
  intensity,
  maybeTimestamp,
  name,
  prose,
  smClock,
  target,
  timestamp,
  workers,
} from "./common-rules.ts";
import { recordLimits as limits } from "./limits.ts";
import { all, between, fields, isRising, list, must, orNull, range } from "./rule.ts";

const reason = fields<Reason>({
  planner: name,
  code: name,
  gco2PerKwh: orNull(intensity),
  forecastGco2PerKwh: orNull(intensity),
  expectedPowerWatts: orNull(amount),
  expectedGrams: orNull(amount),
  expectedLatencyMs: orNull(amount),
  expectedFinishAt: maybeTimestamp,
});

export const decision = fields<Decision>({
  target,
  epoch,
  workers: orNull(workers),
  smClockMhz: orNull(smClock),
  leaseMs: range(1, limits.maxLeaseMs),
  policyVersion: count,
  reason,
});

export const job = fields<Job>({
  job: name,
  submittedAt: timestamp,
  startedAt: maybeTimestamp,
  finishedAt: maybeTimestamp,
  deadlineAt: maybeTimestamp,
  workers,
  smClockMhz: orNull(smClock),
  samplesDone: amount,
  plannedStartAt: maybeTimestamp,
  expectedFinishAt: maybeTimestamp,
  energyKwh: amount,
  gco2: amount,
  why: prose,
});

export const ledgerEntry = all(
  fields<LedgerEntry>({
    startsAt: timestamp,
    durationMs: duration,
    revision: count,
    energyKwh: amount,
    gco2: amount,
    requests: count,
    requestsOverTarget: count,
    samples: amount,
  }),
  must<LedgerEntry>("requestsOverTarget", (e) => e.requestsOverTarget <= e.requests, "be at most requests"),
);

export const forecast = all(
  fields<Forecast>({
    subject: name,
    model: name,
    startsAt: timestamp,
    stepMs: duration,
    levels: list(1, limits.maxForecastLevels, between(0, 1)),
  }),
  must<Forecast>("levels", ({ levels }) => isRising(levels), "rise"),
  must<Forecast>(
    "values",
    ({ levels, values }) =>
      values.length === levels.length && values.every((level) => level.length === values[0]!.length),
    "have one array a level, all equally long",
  ),
);

const clocks = list(0, limits.maxPlanSlots, range(0, limits.maxSmClockMhz));
const plannedJob = fields<PlannedJob>({
  job: name,
  expectedFinishAt: maybeTimestamp,
  expectedGrams: amount,
  workers: list(0, limits.maxPlanSlots, workers),
  smClockMhz: clocks,
});
const plannedService = fields<PlannedService>({ service: name, smClockMhz: clocks });

export const plan = fields<Plan>({
  planner: name,
  startsAt: timestamp,
  slotMs: duration,
  expectedGrams: amount,
  jobs: list(0, limits.maxPlannedWorkloads, plannedJob),
  services: list(0, limits.maxPlannedWorkloads, plannedService),
});

export const deadLetter = fields<DeadLetter>({ topic: name, partition: count, offset: count, reason: name });

export const tick = fields<Tick>({ partition: count });

export const interleaving = fields<Interleaving>({
  partition: count,
  startOffsets: list(0, Number.MAX_SAFE_INTEGER, range(-1, Number.MAX_SAFE_INTEGER)),
});
