import type {
  Planner,
  PlannerResult,
  PlanningJob,
  PlanningProblem,
  PlanningService,
  Slot,
} from "../planners/index.ts";
import { assert } from "../records/index.ts";
import { DAY_MS, HOUR_MS } from "./recipe/constants.ts";
import type { Scenario, ScenarioJob, ScenarioService } from "./scenario.ts";

/** Longest look ahead, hours: as the processor's. */
const HORIZON_HOURS = 96;

/**
 * A planner that knows what is to come: intensity, on-site supply and prices, the jobs that will be submitted with all
 * that their submission says, and the mean request rates. It plans for all of that and decides about what is there.
 */
export function foresightPlanner(name: string, base: Planner, scenario: Scenario): Planner {
  return {
    name,
    guardsLatency: base.guardsLatency,
    *plan(problem) {
      const result = yield* base.plan(foreseen(problem, scenario));
      const known = new Set(problem.jobs.map(({ id }) => id));
      return cut(result, known, problem.slots.length);
    },
  };
}

function foreseen(problem: PlanningProblem, scenario: Scenario): PlanningProblem {
  const first = problem.slots[0]!.startsAt;
  const known = new Set(problem.jobs.map(({ id }) => id));
  const last = first + HORIZON_HOURS * HOUR_MS;
  const coming = scenario.jobs.filter(
    ({ id, submittedAt, spec }) =>
      !known.has(id) && submittedAt > problem.nowMs && (spec.deadlineAt ?? submittedAt) <= last,
  );
  const jobs = [...problem.jobs, ...coming.map((job) => futureJob(job, scenario))];
  const lastDeadlineAt = Math.max(...jobs.map(({ deadlineAt }) => deadlineAt ?? 0), 0);
  const wanted = Math.ceil((lastDeadlineAt - first) / HOUR_MS) + 1;
  const count = Math.min(HORIZON_HOURS, Math.max(problem.slots.length, wanted));
  const slots = Array.from({ length: count }, (_, i) => trueSlot(scenario, first + i * HOUR_MS));
  return {
    ...problem,
    slots,
    jobs,
    services: problem.services.map((service) => trueArrivals(service, scenario, first, count)),
    intensityForecastUsable: true,
  };
}

/** The hour as it will be; beyond the scenario's end as it was a day before. */
function trueSlot({ grid }: Scenario, startsAt: number): Slot {
  const from = grid[0]!.startsAt;
  let index = (startsAt - from) / HOUR_MS;
  while (index >= grid.length) index -= DAY_MS / HOUR_MS;
  const { gco2PerKwh, pricePerKwh, onSiteWatts } = grid[index]!;
  return { startsAt, durationMs: HOUR_MS, gco2PerKwh, pricePerKwh, onSiteWatts };
}

function futureJob({ id, submittedAt, spec }: ScenarioJob, scenario: Scenario): PlanningJob {
  const gpuModel = scenario.cluster.pools.find(({ name }) => name === spec.pool)!.gpuModel;
  const profile = scenario.profiles.find((one) => one.model === spec.model && one.gpu.model === gpuModel);
  assert(profile !== undefined, `The scenario has no profile of ${spec.model}.`);
  return {
    id,
    pool: spec.pool,
    profile,
    samplesLeft: spec.samples ?? Number.POSITIVE_INFINITY,
    speedRatio: 1,
    submittedAt,
    deadlineAt: spec.deadlineAt,
    earliestStartAt: Math.max(submittedAt, spec.earliestStartAt ?? 0),
    priority: spec.priority,
    requestedWorkers: spec.requestedWorkers,
    minWorkers: spec.minWorkers,
    maxWorkers: spec.maxWorkers,
    pausable: spec.pausable,
    resizable: spec.resizable,
    restartCostMs: spec.restartCostMs,
    workers: 0,
    started: false,
    smClockMhz: null,
  };
}

/** The mean rate of every hour for the median, and the highest of its steps for the levels above. */
function trueArrivals(
  service: PlanningService,
  scenario: Scenario,
  startsAt: number,
  steps: number,
): PlanningService {
  const truth = scenario.services.find(({ id }) => id === service.id)!;
  const rates = Array.from({ length: steps }, (_, i) => ratesIn(truth, startsAt + i * HOUR_MS));
  const mean = Float64Array.from(rates, (hour) => hour.reduce((sum, rate) => sum + rate, 0) / hour.length);
  const highest = Float64Array.from(rates, (hour) => Math.max(...hour));
  const { levels } = service.arrivals;
  return {
    ...service,
    arrivals: {
      ...service.arrivals,
      startsAt,
      stepMs: HOUR_MS,
      values: levels.map((level) => (level > 0.5 ? highest : mean)),
    },
  };
}

function ratesIn({ ratesStartAt, rateStepMs, requestsPerSecond }: ScenarioService, hour: number): number[] {
  const first = Math.floor((hour - ratesStartAt) / rateStepMs);
  const end = Math.ceil((hour + HOUR_MS - ratesStartAt) / rateStepMs);
  const last = requestsPerSecond.length - 1;
  return Array.from({ length: end - first }, (_, i) => requestsPerSecond[Math.min(last, first + i)]!);
}

/** What concerns the jobs that are there, over the slots that were asked for. */
function cut(result: PlannerResult, known: ReadonlySet<string>, slots: number): PlannerResult {
  return {
    ...result,
    jobs: result.jobs
      .filter(({ id }) => known.has(id))
      .map((job) => ({
        ...job,
        workers: job.workers.slice(0, slots),
        smClockMhz: job.smClockMhz.slice(0, slots),
      })),
    services: result.services.map((service) => ({
      ...service,
      smClockMhz: service.smClockMhz.slice(0, slots),
    })),
  };
}
