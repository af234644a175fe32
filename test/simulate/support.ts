import type { ObservedGpu, ObservedWorkload } from "../../src/agent/actuators/actuator.ts";
import type { Profile } from "../../src/records/index.ts";
import {
  buildScenario,
  type JobRow,
  type Scenario,
  type ScenarioJob,
  type ScenarioOptions,
  type SimulatedCluster,
  type TraceSet,
} from "../../src/simulate/index.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
export const START = Date.UTC(2023, 5, 5);

export const options: ScenarioOptions = {
  zone: "DE",
  startsAt: START,
  days: 3,
  gpus: 32,
  load: "low",
  slack: 2,
  seed: 1,
  modelError: 1,
  onSite: null,
};

const gpu: Profile["gpu"] = {
  model: "rtx-4090",
  minSmClockMhz: 210,
  maxSmClockMhz: 2730,
  smClockStepMhz: 15,
  idlePowerWatts: 20,
  powerLimitWatts: 450,
  evidence: "assumed",
  source: "test",
};

export type ProfileTemplate = Omit<Profile, "cluster" | "observedAt">;

export const trainingProfile: ProfileTemplate = {
  model: "resnet50",
  purpose: "training",
  gpu,
  curve: [
    { smClockMhz: 600, relativeSpeed: 0.28, powerWatts: 110 },
    { smClockMhz: 1200, relativeSpeed: 0.52, powerWatts: 170 },
    { smClockMhz: 1900, relativeSpeed: 0.77, powerWatts: 250 },
    { smClockMhz: 2730, relativeSpeed: 1, powerWatts: 430 },
  ],
  curveEvidence: "assumed",
  curveSource: "test",
  samplesPerSecond: 1000,
  scaling: [
    { workers: 1, relativeThroughput: 1 },
    { workers: 2, relativeThroughput: 1.9 },
    { workers: 4, relativeThroughput: 3.5 },
    { workers: 8, relativeThroughput: 6 },
  ],
  batching: null,
  rateEvidence: "assumed",
  rateSource: "test",
};

const inference = (
  model: string,
  setupMs: number,
  marginalMs: number,
  maxBatch: number,
): ProfileTemplate => ({
  ...trainingProfile,
  model,
  purpose: "inference",
  samplesPerSecond: (1000 * maxBatch) / (setupMs + maxBatch * marginalMs),
  scaling: [],
  batching: { setupMs, marginalMs, maxBatch },
});

export const profileLibrary: readonly ProfileTemplate[] = [
  trainingProfile,
  { ...trainingProfile, model: "bert", samplesPerSecond: 150 },
  inference("vision", 4, 1, 32),
  inference("speech", 20, 10, 16),
  inference("llm", 180, 6, 64),
];

/** Sine days, no recording: enough structure for the recipe, and the same every time. */
export const traces: TraceSet = {
  kind: "typical",
  attribution: ["test"],
  zones: ["DE"],
  intensity: async (_zone, fromMs, toMs) =>
    Float64Array.from(
      { length: (toMs - fromMs) / HOUR_MS },
      (_, i) => 400 + 150 * dayWave(fromMs + i * HOUR_MS),
    ),
  intensityRange: async () => undefined,
  onSiteShape: async (_zone, _kind, fromMs, toMs) => ({
    values: Float64Array.from(
      { length: (toMs - fromMs) / HOUR_MS },
      (_, i) => 1 - dayWave(fromMs + i * HOUR_MS),
    ),
    assumption: "a sine",
  }),
  requestRate: async (service, fromMs, toMs, stepMs) =>
    Float64Array.from(
      { length: (toMs - fromMs) / stepMs },
      (_, i) => 0.6 + 0.4 * dayWave(fromMs + i * stepMs + service * HOUR_MS),
    ),
  jobRows: async () => jobRows,
};

function dayWave(atMs: number): number {
  return Math.sin((2 * Math.PI * atMs) / DAY_MS);
}

/** Durations of 0.5 to 48 h for each size, submitted all over the week. */
const jobRows: readonly JobRow[] = [1, 2, 4, 8].flatMap((gpus) =>
  Array.from({ length: 96 }, (_, i) => ({
    gpus,
    durationMs: (i + 1) * 0.5 * HOUR_MS,
    hourOfWeek: (i * 37 + gpus) % 168,
    recordedAt: null,
  })),
);

export function scenarioWith(changed: Partial<ScenarioOptions> = {}): Promise<Scenario> {
  return buildScenario({ ...options, ...changed }, traces, profileLibrary);
}

/** Baseline MAX: starts every waiting job as requested, every five minutes, to the end. */
export async function runAsRequested(
  cluster: SimulatedCluster,
  scenario: Scenario,
  eachStep: (nowMs: number) => void | Promise<void> = () => undefined,
): Promise<void> {
  for (let now = scenario.startsAt; now <= scenario.endsAt; now += 300_000) {
    cluster.advanceTo(now);
    for (const { id, phase, job } of await cluster.scheduler.observe()) {
      if (phase !== "waiting" && phase !== "paused") continue;
      await cluster.scheduler.run(id, job!.requestedWorkers).catch(() => undefined);
    }
    await eachStep(now);
  }
}

/** A day on 8 GPUs (3 serve, 5 train) with only these jobs, on a world without errors unless asked. */
export async function smallScenario(
  jobs: readonly Partial<ScenarioJob["spec"]>[] = [],
  changed: Partial<ScenarioOptions> = {},
): Promise<Scenario> {
  const scenario = await scenarioWith({ days: 1, gpus: 8, modelError: 0, ...changed });
  return {
    ...scenario,
    jobs: jobs.map((spec, i) => ({
      id: `job-${i + 1}`,
      submittedAt: START,
      spec: { ...anyJob, ref: `sim/job-${i + 1}`, ...spec },
    })),
  };
}

const anyJob: ScenarioJob["spec"] = {
  system: "external",
  ref: "",
  pool: "training",
  model: "resnet50",
  samples: 3_600_000,
  deadlineAt: null,
  deadlineKind: "hard",
  earliestStartAt: null,
  priority: 0,
  requestedWorkers: 1,
  minWorkers: 1,
  maxWorkers: 5,
  pausable: true,
  resizable: true,
  restartCostMs: 60_000,
};

/** Every GPU of the cluster as its node reports it. */
export async function observeGpus(cluster: SimulatedCluster): Promise<ObservedGpu[]> {
  return (await Promise.all(cluster.nodes.map((node) => cluster.node(node).observe()))).flat();
}

export async function lockAll(cluster: SimulatedCluster, smClockMhz: number): Promise<void> {
  for (const name of cluster.nodes) {
    const node = cluster.node(name);
    for (const gpu of await node.observe()) await node.lockSmClock(gpu.uuid, smClockMhz);
  }
}

export async function jobOf(cluster: SimulatedCluster, id: string): Promise<ObservedWorkload> {
  return (await cluster.scheduler.observe()).find((workload) => workload.id === id)!;
}
