import type {
  Actuation,
  GpuSample,
  GpuTelemetry,
  GridIntensity,
  JobEvent,
  JobProgress,
  JobSpec,
  RequestRate,
  ServiceSpec,
  Tenant,
} from "../records.generated.ts";
import {
  count,
  duration,
  epoch,
  gpuPower,
  intensity,
  maybeTimestamp,
  name,
  prose,
  share,
  smClock,
  someWorkers,
  target,
  timestamp,
  workers,
} from "./common-rules.ts";
import { recordLimits as limits } from "./limits.ts";
import { all, between, fields, list, must, orNull, range } from "./rule.ts";

export const gridIntensity = all(
  fields<GridIntensity>({
    zone: name,
    startsAt: timestamp,
    durationMs: duration,
    gco2PerKwh: intensity,
    issuedAt: maybeTimestamp,
    provider: name,
    pricePerKwh: orNull(range(-limits.maxPricePerKwh, limits.maxPricePerKwh)),
    onSiteWatts: orNull(range(0, limits.maxOnSiteWatts)),
  }),
  must<GridIntensity>(
    "issuedAt",
    ({ kind, issuedAt }) => (kind === "forecast") === (issuedAt !== null),
    "be set for a forecast and null otherwise",
  ),
);

const tenant = fields<Tenant>({ id: prose, share });

const gpuSample = all(
  fields<GpuSample>({
    uuid: name,
    model: name,
    smClockMhz: range(0, limits.maxSmClockMhz),
    lockedSmClockMhz: orNull(smClock),
    powerWatts: gpuPower,
    energyMillijoules: count,
    utilization: share,
    temperatureCelsius: range(limits.minTemperatureCelsius, limits.maxTemperatureCelsius),
    tenants: list(0, limits.maxTenantsPerGpu, tenant),
  }),
  // A lost device reads as 0.
  must<GpuSample>("smClockMhz", (gpu) => gpu.smClockMhz > 0 || !gpu.healthy, "be above 0 on a healthy GPU"),
);

export const gpuTelemetry = fields<GpuTelemetry>({
  node: name,
  pool: name,
  sequence: count,
  gpus: list(0, limits.maxGpusPerNode, gpuSample),
});

export const requestRate = all(
  fields<RequestRate>({
    service: name,
    startsAt: timestamp,
    durationMs: duration,
    arrivals: count,
    completions: count,
    queueDepth: count,
    overTarget: count,
    latencyCounts: list(0, limits.maxHistogramBuckets, count),
  }),
  must<RequestRate>("overTarget", (r) => r.overTarget <= r.completions, "be at most completions"),
);

const jobSpec = all(
  fields<JobSpec>({
    ref: prose,
    pool: name,
    model: name,
    samples: orNull(between(0, Number.MAX_VALUE)),
    deadlineAt: maybeTimestamp,
    earliestStartAt: maybeTimestamp,
    requestedWorkers: someWorkers,
    minWorkers: someWorkers,
    maxWorkers: someWorkers,
    restartCostMs: range(0, limits.maxRestartCostMs),
  }),
  must<JobSpec>("minWorkers", (job) => job.minWorkers <= job.requestedWorkers, "be at most requestedWorkers"),
  must<JobSpec>(
    "maxWorkers",
    (job) => job.maxWorkers >= job.requestedWorkers,
    "be at least requestedWorkers",
  ),
  must<JobSpec>("deadlineAt", isDueAfterStart, "be after earliestStartAt"),
);

const serviceSpec = fields<ServiceSpec>({
  pool: name,
  model: name,
  latencyQuantile: between(0, 1),
  latencyTargetMs: range(Number.MIN_VALUE, limits.maxLatencyMs),
  gpus: range(1, limits.maxGpus),
});

const progress = fields<JobProgress>({ samplesDone: range(0, Number.MAX_VALUE), workers });

const WITH_PROGRESS = new Set(["started", "progress", "paused", "resumed", "resized", "finished"]);

export const jobEvent = all(
  fields<JobEvent>({
    subject: name,
    sequence: count,
    job: orNull(jobSpec),
    service: orNull(serviceSpec),
    progress: orNull(progress),
    detail: prose,
  }),
  must<JobEvent>("job", (e) => e.type !== "submitted" || e.job !== null, "be set with submitted"),
  must<JobEvent>(
    "service",
    (e) => e.type !== "service_declared" || e.service !== null,
    "be set with service_declared",
  ),
  must<JobEvent>(
    "progress",
    (e) => !WITH_PROGRESS.has(e.type) || e.progress !== null,
    "be set with started, progress, paused, resumed, resized and finished",
  ),
  must<JobEvent>("job", isDueAfterSubmission, "have its deadline after its submission"),
);

export const actuation = fields<Actuation>({
  agent: name,
  sequence: count,
  target,
  epoch,
  smClockMhz: orNull(smClock),
  workers: orNull(workers),
  detail: prose,
});

function isDueAfterStart({ deadlineAt, earliestStartAt }: JobSpec): boolean {
  return deadlineAt === null || earliestStartAt === null || deadlineAt > earliestStartAt;
}

function isDueAfterSubmission({ type, job, observedAt }: JobEvent): boolean {
  return type !== "submitted" || job === null || job.deadlineAt === null || job.deadlineAt > observedAt;
}
