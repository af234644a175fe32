import type { PlanningJob, PlanningProblem, Slot } from "../../src/planners/index.ts";
import { type Profile, profileLibrary, samplesPerSecond } from "../../src/profiles/index.ts";
import { Random } from "./random.ts";

export const HOUR_MS = 3_600_000;

/** A random cluster and what arrives at it; hours count from 0. */
export interface Instance {
  readonly gpus: number;
  readonly gco2PerKwh: readonly number[];
  readonly onSiteWatts: readonly number[];
  /** By rising submission; samplesLeft is all of the work. */
  readonly jobs: readonly PlanningJob[];
}

export interface InstanceOptions {
  readonly seed: number;
  readonly gpus: number;
  readonly arrivalHours: number;
  /** Share of the GPUs that the jobs as submitted keep busy. */
  readonly utilization: number;
  readonly slack: number;
  /** Mean on-site supply over what all GPUs draw at the top clock. */
  readonly onSiteShare: number;
}

/**
 * Intensity: a solar dip and an evening peak of random depth, with wind as a slow autoregressive wave. Jobs: log-uniform
 * from half an hour to two days, on 1 to 8 GPUs, half of them resizable and 70 % pausable.
 */
export function randomInstance(options: InstanceOptions): Instance {
  const random = new Random(options.seed);
  const jobs = randomJobs(options, random);
  const last = Math.max(...jobs.map((job) => job.deadlineAt!)) / HOUR_MS;
  const hours = Math.ceil(last) + 48;
  const gco2PerKwh = randomIntensity(hours, random);
  const peakWatts = options.gpus * 430;
  const onSiteWatts = randomSun(hours, random).map((sun) => sun * options.onSiteShare * peakWatts);
  return { gpus: options.gpus, gco2PerKwh, onSiteWatts, jobs };
}

function randomIntensity(hours: number, random: Random): number[] {
  const level = random.between(100, 600);
  const solar = random.between(0.05, 0.4);
  const wind = random.between(0.05, 0.25);
  let wave = 0;
  return Array.from({ length: hours }, (_, hour) => {
    wave = 0.97 * wave + wind * Math.sqrt(1 - 0.97 ** 2) * random.normal();
    const sun = Math.max(0, Math.cos(((hour % 24) - 13) * (Math.PI / 12)));
    const evening = Math.max(0, 1 - Math.abs((hour % 24) - 19) / 3);
    return level * Math.max(0.1, 1 - solar * sun + 0.1 * evening + wave);
  });
}

function randomSun(hours: number, random: Random): number[] {
  let cloud = 1;
  return Array.from({ length: hours }, (_, hour) => {
    cloud = 0.9 * cloud + 0.1 * random.between(0, 2);
    return Math.PI * cloud * Math.max(0, Math.cos(((hour % 24) - 13) * (Math.PI / 12)));
  });
}

function randomJobs(options: InstanceOptions, random: Random): PlanningJob[] {
  const profiles = profileLibrary.filter((p) => p.purpose === "training" && p.gpu.model === "rtx-4090");
  const wanted = options.utilization * options.gpus * options.arrivalHours;
  const jobs: PlanningJob[] = [];
  for (let sum = 0, i = 0; sum < wanted; i++) {
    const requestedWorkers = random.pick([1, 1, 1, 2, 2, 4, 8]);
    const durationHours = Math.exp(random.between(Math.log(0.5), Math.log(48)));
    if (requestedWorkers > options.gpus) continue;
    sum += durationHours * requestedWorkers;
    const submittedAt = Math.round(random.between(0, options.arrivalHours * HOUR_MS));
    const profile: Profile = { ...random.pick(profiles), cluster: "c", observedAt: 0 };
    const rate = samplesPerSecond(profile, requestedWorkers, profile.gpu.maxSmClockMhz);
    jobs.push({
      id: `job-${i}`,
      pool: "train",
      profile,
      samplesLeft: durationHours * 3600 * rate,
      speedRatio: 1,
      submittedAt,
      deadlineAt: submittedAt + Math.round(options.slack * durationHours * HOUR_MS),
      earliestStartAt: null,
      priority: 0,
      requestedWorkers,
      minWorkers: 1,
      maxWorkers: Math.min(8, 2 * requestedWorkers, options.gpus),
      pausable: random.chance(0.7),
      resizable: random.chance(0.5),
      restartCostMs: 120_000,
      workers: 0,
      started: false,
      smClockMhz: null,
    });
  }
  return jobs.sort((a, b) => a.submittedAt - b.submittedAt);
}

/** The problem at `nowMs` with the given jobs: hourly slots to the last deadline, with foresight of intensity. */
export function problemAt(
  instance: Instance,
  nowMs: number,
  jobs: readonly PlanningJob[],
  changes: Partial<PlanningProblem> = {},
): PlanningProblem {
  const first = Math.floor(nowMs / HOUR_MS);
  const last = Math.max(nowMs, ...jobs.map((job) => job.deadlineAt ?? 0)) / HOUR_MS;
  const count = Math.min(instance.gco2PerKwh.length - first, Math.max(48, Math.ceil(last) - first + 6));
  const slots = Array.from(
    { length: count },
    (_, s): Slot => ({
      startsAt: (first + s) * HOUR_MS,
      durationMs: HOUR_MS,
      gco2PerKwh: instance.gco2PerKwh[first + s]!,
      pricePerKwh: 0.2,
      onSiteWatts: instance.onSiteWatts[first + s]!,
    }),
  );
  return {
    nowMs,
    pue: 1.2,
    powerCapWatts: null,
    limits: { minSmClockMhz: null, maxSmClockMhz: null },
    slots,
    pools: [
      {
        pool: { name: "train", purpose: "training", gpuModel: "rtx-4090", gpus: instance.gpus },
        gpus: instance.gpus,
      },
    ],
    jobs,
    services: [],
    intensityForecastUsable: true,
    ...changes,
  };
}
