import { createIntensityForecaster, forecastIntensity, observeIntensity } from "../../src/forecast/index.ts";
import type { PlanningJob, PlanningProblem } from "../../src/planners/index.ts";
import { type Profile, profileLibrary, samplesPerSecond } from "../../src/profiles/index.ts";
import { recordedTraces } from "../../src/sources/index.ts";
import { HOUR_MS, type Instance } from "./instances.ts";
import { Random } from "./random.ts";

const HISTORY_HOURS = 90 * 24;
const RESTART_COST_MS = 120_000;

export interface ReferenceOptions {
  readonly zone: string;
  /** Epoch milliseconds of hour 0. */
  readonly startsAt: number;
  readonly seed: number;
  readonly slack: number;
  /** Share of the GPUs that the jobs as submitted keep busy. */
  readonly utilization: number;
  readonly gpus?: number;
  readonly days?: number;
}

export interface Reference {
  readonly instance: Instance;
  /** The problem with our own forecast of intensity in place of the truth. */
  readonly forecast: (problem: PlanningProblem) => PlanningProblem;
}

/**
 * The training half of the evaluation's default set-up: 24 GPUs, recorded jobs of 2 to 24 h over 7 days, all pausable
 * and resizable from 1 to min(8, 4 × requested) workers, so placed that MAX never waits; recorded intensity.
 */
export async function reference(folder: string, options: ReferenceOptions): Promise<Reference> {
  const { zone, startsAt, gpus = 24, days = 7, slack } = options;
  const traces = await recordedTraces(folder);
  const rows = (await traces.jobRows()).filter(
    (row) => row.durationMs >= 2 * HOUR_MS && row.durationMs <= 24 * HOUR_MS,
  );
  const hours = days * 24;
  const end = Math.ceil(hours + (24 * slack + 4));
  const random = new Random(options.seed);
  const occupied = new Int32Array(end * 4);
  const profiles = profileLibrary.filter((p) => p.purpose === "training" && p.gpu.model === "rtx-4090");
  const jobs: PlanningJob[] = [];
  const wanted = options.utilization * gpus * hours;
  for (let sum = 0, tries = 0; sum < wanted && tries < 5000; tries++) {
    const row = random.pick(rows);
    const submittedAt = Math.round(random.between(0, hours) * HOUR_MS);
    const from = Math.floor((submittedAt / HOUR_MS) * 4);
    const to = Math.ceil(((submittedAt + row.durationMs) / HOUR_MS) * 4);
    if (occupied.subarray(from, to).some((used) => used + row.gpus > gpus)) continue;
    for (let q = from; q < to; q++) occupied[q]! += row.gpus;
    sum += (row.gpus * row.durationMs) / HOUR_MS;
    const profile: Profile = { ...random.pick(profiles), cluster: "c", observedAt: 0 };
    const rate = samplesPerSecond(profile, row.gpus, profile.gpu.maxSmClockMhz);
    jobs.push({
      id: `job-${tries}`,
      pool: "train",
      profile,
      samplesLeft: ((row.durationMs - RESTART_COST_MS) / 1000) * rate,
      speedRatio: 1,
      submittedAt,
      deadlineAt: submittedAt + Math.round(slack * row.durationMs),
      earliestStartAt: null,
      priority: 0,
      requestedWorkers: row.gpus,
      minWorkers: 1,
      maxWorkers: Math.min(8, 4 * row.gpus),
      pausable: true,
      resizable: true,
      restartCostMs: RESTART_COST_MS,
      workers: 0,
      started: false,
      smClockMhz: null,
    });
  }
  jobs.sort((a, b) => a.submittedAt - b.submittedAt);
  const last = Math.ceil(Math.max(...jobs.map((job) => job.deadlineAt!)) / HOUR_MS) + 24;
  const truth = await traces.intensity(zone, startsAt - HISTORY_HOURS * HOUR_MS, startsAt + last * HOUR_MS);
  const instance: Instance = {
    gpus,
    gco2PerKwh: Array.from(truth.subarray(HISTORY_HOURS)),
    onSiteWatts: new Array<number>(last).fill(0),
    jobs,
  };
  return { instance, forecast: forecasts(truth, startsAt) };
}

/** Plays the forecaster forward as hours pass; problems must come in the order of time. */
function forecasts(truth: Float64Array, startsAt: number): Reference["forecast"] {
  let forecaster = createIntensityForecaster();
  let known = 0;
  return (problem) => {
    const now = Math.floor(problem.nowMs / HOUR_MS) + HISTORY_HOURS;
    if (now < known) {
      forecaster = createIntensityForecaster();
      known = 0;
    }
    for (; known < now; known++) {
      observeIntensity(forecaster, startsAt + (known - HISTORY_HOURS) * HOUR_MS, truth[known]!);
    }
    const issued = forecastIntensity(
      forecaster,
      startsAt + Math.floor(problem.nowMs / HOUR_MS) * HOUR_MS,
      96,
    )!;
    const median = issued.values[issued.levels.indexOf(0.5)]!;
    const first = Math.floor(problem.slots[0]!.startsAt / HOUR_MS) + startsAt / HOUR_MS;
    const offset = first - issued.startsAt / HOUR_MS;
    return {
      ...problem,
      slots: problem.slots.map((slot, s) => ({
        ...slot,
        gco2PerKwh: median[Math.max(0, Math.min(median.length - 1, s + offset))]!,
      })),
      intensityForecastUsable: issued.skill > -0.1,
    };
  };
}
