import type { JobSpec, Pool, Profile } from "../../records/index.ts";
import { CarmError } from "../../records/index.ts";
import { linear } from "../interpolation.ts";
import { createDraws, shuffled } from "../random.ts";
import { DAY_MS } from "../recipe/constants.ts";
import { Occupancy } from "../recipe/job-times.ts";
import type { JobParts } from "../recipe/jobs.ts";
import type { ScenarioJob, ScenarioOptions } from "../scenario.ts";
import type { JobRow, TraceSet } from "../trace-set.ts";
import { headroom } from "./constants.ts";

interface Arrival {
  readonly row: JobRow;
  readonly submittedAt: number;
}

/**
 * A stretch of the recording, placed on the days of the run, thinned until the jobs need half of the pool and none
 * waits for another if each starts at arrival as requested.
 */
export async function buildHeadroomJobs(
  options: ScenarioOptions,
  endsAt: number,
  pool: Pool,
  profiles: readonly Profile[],
  traces: TraceSet,
): Promise<JobParts> {
  const arrivals = thinned(options, pool, candidates(options, pool, await traces.jobRows()));
  const models = profiles.filter((profile) => headroom.trainingModels.some((name) => name === profile.model));
  const known = models.length > 0 ? models : profiles;
  const draws = createDraws(options.seed, "headroom-model", String(options.startsAt));
  let busyWattMs = 0;
  const jobs = arrivals.map(({ row, submittedAt }, i): ScenarioJob => {
    const profile = known[Math.floor(draws.uniform(i) * known.length)]!;
    busyWattMs += row.durationMs * row.gpus * (profile.curve.at(-1)!.powerWatts - profile.gpu.idlePowerWatts);
    const id = `job-${String(i + 1).padStart(3, "0")}`;
    return { id, submittedAt, spec: specOf(options, endsAt, pool, id, { row, submittedAt }, profile) };
  });
  const gpuMs = arrivals.reduce((sum, { row }) => sum + row.durationMs * row.gpus, 0);
  const share = gpuMs / (pool.gpus * options.days * DAY_MS);
  return {
    jobs,
    meanBusyWatts: busyWattMs / (endsAt - options.startsAt),
    provenance: [
      `${jobs.length} training jobs of 2 to 24 h on 1, 2, 4 or 8 GPUs, ${traces.kind === "recorded" ? "a stretch of the recording" : "from a table of typical sizes"}, thinned by seed ${options.seed}: as requested at the highest clock they need ${Math.round(100 * share)} % of the training pool over ${options.days} days and none waits for another.`,
      `All of them may be paused and resized, 1 to min(${headroom.maxWorkers}, ${headroom.maxWorkersOverRequested} × requested) workers, 60–180 s for a start; models ${known.map(({ model }) => model).join(", ")}. Work: recorded duration times throughput at the GPUs requested. Deadline: submission + ${options.slack} × duration, at the end of the run at the latest.`,
    ],
  };
}

/** Rows that fit with the times they come at, the stretch of this start first, then all others in their hour of the week. */
function candidates(options: ScenarioOptions, pool: Pool, rows: readonly JobRow[]): Arrival[] {
  const { startsAt, days, seed } = options;
  const fitting = rows.filter(
    ({ durationMs, gpus }) =>
      durationMs >= headroom.jobMinMs &&
      durationMs <= headroom.jobMaxMs &&
      gpus <= pool.gpus &&
      headroom.jobGpus.some((size) => size === gpus),
  );
  if (fitting.length === 0) {
    throw new CarmError(
      "ERR_OPTION_INVALID",
      "The job trace has no job of 2 to 24 h on 1, 2, 4 or 8 GPUs; choose another with --jobs.",
    );
  }
  const draws = createDraws(seed, "headroom-jobs", String(startsAt));
  const times = fitting.flatMap((row) => row.recordedAt ?? []);
  const first = Math.floor(Math.min(...bounds(times)) / DAY_MS);
  const last = Math.floor(Math.max(...bounds(times)) / DAY_MS);
  const fromDay = first + Math.floor(draws.uniform(0) * Math.max(1, last - first + 2 - days));
  const own: Arrival[] = [];
  const others: Arrival[] = [];
  for (const row of fitting) {
    const offset = row.recordedAt === null ? -1 : row.recordedAt - fromDay * DAY_MS;
    if (offset >= 0 && offset < days * DAY_MS) own.push({ row, submittedAt: startsAt + offset });
    else
      others.push({
        row,
        submittedAt:
          startsAt + inHourOfWeek(row, days, startsAt, draws.uniform(own.length + others.length + 1)),
      });
  }
  return [
    ...shuffled(own, createDraws(seed, "headroom-thin", String(startsAt))),
    ...shuffled(others, createDraws(seed, "headroom-fill", String(startsAt))),
  ];
}

/** Smallest and largest of many values; 0 for none. */
function bounds(values: readonly number[]): [number, number] {
  let low = values[0] ?? 0;
  let high = low;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** Offset from the start at which the row's hour of the week comes; its hour of the day where the run is shorter than a week. */
function inHourOfWeek(row: JobRow, days: number, startsAt: number, minute: number): number {
  const startHour = (((startsAt / 3_600_000 - 96) % 168) + 168) % 168;
  const hours = (((row.hourOfWeek - startHour) % 168) + 168) % 168;
  const offset = hours * 3_600_000 + Math.floor(minute * 60) * 60_000;
  return offset < days * DAY_MS ? offset : offset % (Math.max(1, Math.floor(days)) * DAY_MS);
}

function thinned(options: ScenarioOptions, pool: Pool, all: readonly Arrival[]): Arrival[] {
  const wanted = headroom.trainingUtilization * pool.gpus * options.days * DAY_MS;
  const occupancy = new Occupancy(pool.gpus);
  const kept: Arrival[] = [];
  let sum = 0;
  for (const arrival of all) {
    const { row, submittedAt } = arrival;
    const gpuMs = row.durationMs * row.gpus;
    if (sum + gpuMs > wanted || !occupancy.fits(submittedAt, row.durationMs, row.gpus)) continue;
    occupancy.add(submittedAt, row.durationMs, row.gpus);
    kept.push(arrival);
    sum += gpuMs;
    // Less than the smallest job is left.
    if (wanted - sum < headroom.jobMinMs) break;
  }
  return kept.sort((a, b) => a.submittedAt - b.submittedAt);
}

function specOf(
  options: ScenarioOptions,
  endsAt: number,
  pool: Pool,
  id: string,
  { row, submittedAt }: Arrival,
  profile: Profile,
): JobSpec {
  const { restartCostMinMs: low, restartCostMaxMs: high } = headroom;
  const draws = createDraws(options.seed, "restart-cost", id);
  const restartCostMs = Math.round((low + draws.uniform(0) * (high - low)) / 1000) * 1000;
  const scaling = linear(
    profile.scaling.map((point) => point.workers),
    profile.scaling.map((point) => point.relativeThroughput),
  );
  const rate = profile.samplesPerSecond * scaling(row.gpus);
  return {
    system: "external",
    ref: `sim/${id}`,
    pool: pool.name,
    model: profile.model,
    // The recorded duration holds the start as well.
    samples: Math.round((rate * (row.durationMs - restartCostMs)) / 1000),
    deadlineAt: Math.min(endsAt, Math.round(submittedAt + options.slack * row.durationMs)),
    deadlineKind: "hard",
    earliestStartAt: null,
    priority: 0,
    requestedWorkers: row.gpus,
    minWorkers: 1,
    maxWorkers: Math.min(headroom.maxWorkers, headroom.maxWorkersOverRequested * row.gpus, pool.gpus),
    pausable: true,
    resizable: true,
    restartCostMs,
  };
}
