import { findProfile, profileLibrary, samplesPerSecond } from "../../src/profiles/index.ts";
import type { GpuSample, JobEvent, Profile, TopicName, TopicRecords } from "../../src/records/index.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GPU_MODEL = "a100";
const SERVING_GPUS = 8;
const WATTS = 250;

export interface LiveClusterOptions {
  readonly cluster: string;
  /** Of 8 GPUs each. */
  readonly nodes: number;
  /** Submitted one every ten minutes; each wants two GPUs for three hours. */
  readonly jobs: number;
  readonly leaseMs: number;
}

/** A record as its source makes it. */
export type Sourced = { [T in TopicName]: { readonly topic: T; readonly value: TopicRecords[T] } }[TopicName];

/**
 * What a cluster's sources write, minute by minute: settings first, then intensity every hour, a submission every ten
 * minutes, and telemetry and a request window every minute. Its jobs obey nobody; that makes the records the same
 * whatever is decided.
 */
export function liveMinute(options: LiveClusterOptions, startsAt: number, at: number): Sourced[] {
  const { cluster, nodes, jobs } = options;
  const minute = (at - startsAt) / MINUTE_MS;
  const common = { cluster, observedAt: at };
  const records: Sourced[] = minute === 0 ? settings(options, at) : [];
  if (at % HOUR_MS === 0) {
    const gco2PerKwh = 300 + 100 * Math.sin((at / HOUR_MS) * 0.26);
    const interval = { zone: "DE", startsAt: at - HOUR_MS, durationMs: HOUR_MS, gco2PerKwh };
    const source = { signal: "average", kind: "measured", issuedAt: null, provider: "test" } as const;
    const value = { ...common, ...interval, ...source, pricePerKwh: null, onSiteWatts: null };
    records.push({ topic: "carm.grid-intensity", value });
  }
  if (minute % 10 === 1 && (minute - 1) / 10 < jobs) {
    records.push({ topic: "carm.job-events", value: submission(cluster, `job-${(minute - 1) / 10}`, at) });
  }
  for (let node = 0; node < nodes; node++) {
    const gpus = Array.from({ length: 8 }, (_, i) => sample(node, i, at, jobs));
    const place = { node: `node-${node}`, pool: "all", sequence: minute };
    records.push({ topic: "carm.gpu-telemetry", value: { ...common, ...place, gpus } });
  }
  const arrivals = 600 + Math.round(300 * Math.sin(minute / 60));
  const window = { service: "chat", startsAt: at - MINUTE_MS, durationMs: MINUTE_MS, arrivals };
  const outcome = { completions: arrivals, queueDepth: 0, overTarget: 0, latencyCounts: [] };
  records.push({ topic: "carm.request-rate", value: { ...common, ...window, ...outcome } });
  return records;
}

function settings({ cluster, nodes, leaseMs }: LiveClusterOptions, at: number): Sourced[] {
  const common = { cluster, observedAt: at };
  const pool = { name: "all", purpose: "shared", gpuModel: GPU_MODEL, gpus: 8 * nodes } as const;
  const place = { zone: "DE", timeZone: "Europe/Berlin", pue: 1.2, signal: "average" } as const;
  const clocks = { minSmClockMhz: null, maxSmClockMhz: null };
  const policy = { version: 1, planner: "ca-rm", mode: "live", ...clocks, leaseMs } as const;
  const service = {
    pool: "all",
    model: servingProfile(cluster).model,
    latencyQuantile: 0.99,
    latencyTargetMs: 2_000,
    gpus: Math.min(SERVING_GPUS, 4 * nodes),
  };
  return [
    { topic: "carm.clusters", value: { ...common, ...place, pools: [pool], powerCapWatts: null } },
    { topic: "carm.policies", value: { ...common, ...policy } },
    ...[trainingProfile(cluster), servingProfile(cluster)].map((profile) => ({
      topic: "carm.profiles" as const,
      value: { ...profile, observedAt: at },
    })),
    { topic: "carm.job-events", value: { ...event(cluster, "chat", at, "service_declared"), service } },
  ];
}

function submission(cluster: string, id: string, at: number): JobEvent {
  const profile = trainingProfile(cluster);
  const job = {
    system: "external",
    ref: id,
    pool: "all",
    model: profile.model,
    samples: 3 * 3600 * samplesPerSecond(profile, 2, profile.gpu.maxSmClockMhz),
    deadlineAt: at + 24 * HOUR_MS,
    deadlineKind: "soft",
    earliestStartAt: null,
    priority: 0,
    requestedWorkers: 2,
    minWorkers: 1,
    maxWorkers: 4,
    pausable: true,
    resizable: true,
    restartCostMs: MINUTE_MS,
  } as const;
  return { ...event(cluster, id, at, "submitted"), job };
}

function event(cluster: string, subject: string, observedAt: number, type: JobEvent["type"]): JobEvent {
  const nothing = { job: null, service: null, progress: null, detail: "" };
  return { cluster, observedAt, subject, sequence: 0, type, ...nothing };
}

/** Every other node works for a job. */
function sample(node: number, index: number, at: number, jobs: number): GpuSample {
  const isBusy = jobs > 0 && node % 2 === 0;
  const tenant = { kind: "job", id: `job-${(node / 2) % jobs}`, share: 1 } as const;
  return {
    uuid: `GPU-${node}-${index}`,
    model: GPU_MODEL,
    smClockMhz: 1410,
    lockedSmClockMhz: null,
    powerWatts: WATTS,
    energyMillijoules: (at - Date.UTC(2025, 0, 1)) * WATTS,
    utilization: 0.5,
    temperatureCelsius: 60,
    healthy: true,
    overridden: false,
    tenants: isBusy ? [tenant] : [],
  };
}

const trainingProfile = (cluster: string): Profile => profileFor(cluster, "training");
const servingProfile = (cluster: string): Profile => profileFor(cluster, "inference");

function profileFor(cluster: string, purpose: Profile["purpose"]): Profile {
  const profiles = profileLibrary.map((template) => ({ ...template, cluster, observedAt: 0 }));
  const { model } = profiles.find((each) => each.gpu.model === GPU_MODEL && each.purpose === purpose)!;
  return findProfile(profiles, model, GPU_MODEL);
}
