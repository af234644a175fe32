import type { JobSpec, Pool, Profile } from "../../records/index.ts";
import { linear } from "../interpolation.ts";
import { createDraws, shuffled } from "../random.ts";
import type { ScenarioJob, ScenarioOptions } from "../scenario.ts";
import type { JobRow, TraceSet } from "../trace-set.ts";
import { recipe } from "./constants.ts";
import { drawRows, gpuMs, StratifiedRows } from "./job-rows.ts";
import { Occupancy, submissionTimes } from "./job-times.ts";

export interface JobParts {
  readonly jobs: readonly ScenarioJob[];
  /** Mean power above idle as requested at the highest clock over the run, watts. */
  readonly meanBusyWatts: number;
  readonly provenance: readonly string[];
}

interface PlacedRow {
  readonly row: JobRow;
  readonly submittedAt: number;
}

/** Training jobs from recorded sizes, with what the recording lacks drawn by seed. */
export async function buildJobs(
  options: ScenarioOptions,
  endsAt: number,
  pool: Pool,
  profiles: readonly Profile[],
  traces: TraceSet,
): Promise<JobParts> {
  const spanMs = endsAt - options.startsAt;
  const scale = (options.days / recipe.jobsDays) * (options.gpus / recipe.jobsGpus);
  const count = Math.max(1, Math.round(recipe.jobs * scale));
  const longestMs = (spanMs - recipe.deadlineMarginMs) / options.slack;
  const mostGpus = Math.min(recipe.maxWorkers, pool.gpus);
  const rows = new StratifiedRows(await traces.jobRows(), longestMs, mostGpus, options.seed);
  const drawn = drawRows(rows, count, recipe.trainingUtilizationMax * pool.gpus * spanMs);
  const placed = placeRows(options, endsAt, pool.gpus, rows, drawn);

  const numbers = Array.from({ length: count }, (_, i) => i);
  const chosen = (purpose: string, share: number) =>
    new Set(shuffled(numbers, createDraws(options.seed, purpose, "")).slice(0, Math.round(share * count)));
  const resizable = chosen("resizable", recipe.resizableShare);
  const pausable = chosen("pausable", recipe.pausableShare);
  const models = createDraws(options.seed, "job-model", "");
  let busyWattMs = 0;
  const jobs = placed.map(({ row, submittedAt }, i) => {
    const profile = profiles[Math.floor(models.uniform(i) * profiles.length)]!;
    const id = `job-${String(i + 1).padStart(2, "0")}`;
    const abilities = { resizable: resizable.has(i), pausable: pausable.has(i) };
    busyWattMs += gpuMs(row) * (profile.curve.at(-1)!.powerWatts - profile.gpu.idlePowerWatts);
    return { id, submittedAt, spec: specOf(options, pool, id, row, submittedAt, profile, abilities) };
  });
  const utilization = placed.reduce((sum, { row }) => sum + gpuMs(row), 0) / (pool.gpus * spanMs);
  return {
    jobs,
    meanBusyWatts: busyWattMs / spanMs,
    provenance: describe(options, traces, count, utilization),
  };
}

/**
 * Submission times within the run: the largest first, so that nobody waits if all start on arrival as requested. A job
 * that finds no such time becomes a smaller one of its class. By rising submission.
 */
function placeRows(
  options: ScenarioOptions,
  endsAt: number,
  gpus: number,
  rows: StratifiedRows,
  drawn: readonly JobRow[],
): PlacedRow[] {
  const occupancy = new Occupancy(gpus);
  const order = drawn.map((row, job) => ({ row, job })).sort((a, b) => gpuMs(b.row) - gpuMs(a.row));
  const placed = order.map(({ row: first, job }): PlacedRow => {
    const draws = createDraws(options.seed, "job-time", String(job));
    let row = first;
    for (;;) {
      const latest = endsAt - recipe.deadlineMarginMs - options.slack * row.durationMs;
      const times = submissionTimes(options.startsAt, latest, row.hourOfWeek, draws);
      const free = times.find((time) => occupancy.fits(time, row.durationMs, row.gpus));
      const smaller = free === undefined ? rows.drawSmaller(job, row) : row;
      if (free === undefined && gpuMs(smaller) < gpuMs(row)) {
        row = smaller;
        continue;
      }
      const submittedAt = free ?? times[0]!;
      occupancy.add(submittedAt, row.durationMs, row.gpus);
      return { row, submittedAt };
    }
  });
  return placed.sort((a, b) => a.submittedAt - b.submittedAt);
}

function specOf(
  options: ScenarioOptions,
  pool: Pool,
  id: string,
  row: JobRow,
  submittedAt: number,
  profile: Profile,
  abilities: { readonly pausable: boolean; readonly resizable: boolean },
): JobSpec {
  const draws = createDraws(options.seed, "restart-cost", id);
  const { restartCostMinMs: low, restartCostMaxMs: high } = recipe;
  const restartCostMs = Math.round((low + draws.uniform(0) * (high - low)) / 1000) * 1000;
  const scaling = linear(
    profile.scaling.map((point) => point.workers),
    profile.scaling.map((point) => point.relativeThroughput),
  );
  const rate = profile.samplesPerSecond * scaling(row.gpus);
  const most = Math.min(recipe.maxWorkers, 2 * row.gpus, pool.gpus);
  return {
    system: "external",
    ref: `sim/${id}`,
    pool: pool.name,
    model: profile.model,
    // The recorded duration holds the start as well.
    samples: Math.round((rate * (row.durationMs - restartCostMs)) / 1000),
    deadlineAt: Math.round(submittedAt + options.slack * row.durationMs),
    deadlineKind: "hard",
    earliestStartAt: null,
    priority: 0,
    requestedWorkers: row.gpus,
    minWorkers: abilities.resizable ? 1 : row.gpus,
    maxWorkers: abilities.resizable ? most : row.gpus,
    ...abilities,
    restartCostMs,
  };
}

function describe(options: ScenarioOptions, traces: TraceSet, count: number, utilization: number): string[] {
  return [
    `${count} training jobs of 0.5 to 48 h on at most 8 GPUs, ${traces.kind === "recorded" ? "recorded sizes" : "from a table of typical sizes"}, as many of 1, 2, 3–4 and 5–8 GPUs; as requested at the highest clock they need ${Math.round(100 * utilization)} % of the training pool, placed so that none waits for another where that can be.`,
    `Drawn by seed ${options.seed}: model, time of submission (the recorded hour of the week where the run has it), half resizable (1 worker to twice what was used, at most 8), 70 % pausable, 60–180 s for a start.`,
    `Work: recorded duration times throughput at the GPUs used. Deadline: submission + ${options.slack} × duration, at least 2 h before the end; jobs for which that is too long are left out.`,
  ];
}
