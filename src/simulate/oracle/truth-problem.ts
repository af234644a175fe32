import { assert } from "../../records/index.ts";
import { createModelTruth, type ModelTruth } from "../model-truth.ts";
import { HOUR_MS } from "../recipe/constants.ts";
import type { Scenario, ScenarioJob } from "../scenario.ts";
import type { OracleJob, OracleOption, OracleProblem } from "./problem.ts";
import { servingSlots } from "./serving-options.ts";
import { trainingOptions } from "./training-options.ts";

/**
 * A scenario as the oracle's problem, built from the simulator's truth and not from the profiles. Slots are the hours in which
 * the ledger nets supply against power; as shares of a slot may be mixed, the linear program bounds every schedule that
 * changes within them, too. A job may use every slot that it touches; starts cost nothing.
 */
export function problemOf(scenario: Scenario, idle: OracleProblem["idle"] = "all"): OracleProblem {
  const { seed, modelError } = scenario.options;
  const truths = new Map<string, ModelTruth>();
  const truthOf = (pool: string, model: string): ModelTruth => {
    const gpuModel = scenario.cluster.pools.find(({ name }) => name === pool)!.gpuModel;
    const name = `${model}/${gpuModel}`;
    const profile = scenario.profiles.find((one) => one.model === model && one.gpu.model === gpuModel);
    assert(profile !== undefined, `The scenario has no profile of ${name}.`);
    const truth = truths.get(name) ?? createModelTruth(profile, seed, modelError);
    truths.set(name, truth);
    return truth;
  };
  const profiles: Record<string, readonly OracleOption[]> = {};
  const jobs = scenario.jobs.map((job): OracleJob => {
    const truth = truthOf(job.spec.pool, job.spec.model);
    const profile = `${job.spec.model}/${truth.profile.gpu.model}`;
    profiles[profile] ??= trainingOptions(truth, maxWorkersOf(scenario, job.spec.model));
    return oracleJob(scenario, job, truth, profile, profiles);
  });
  return {
    format: "carm-oracle/1",
    idle,
    slots: scenario.grid
      .filter(({ startsAt }) => startsAt >= scenario.startsAt && startsAt < scenario.endsAt)
      .map((hour) => ({
        hours: 1,
        intensity: hour.gco2PerKwh,
        renewableW: hour.onSiteWatts,
        pue: scenario.cluster.pue,
        price: hour.pricePerKwh,
      })),
    pools: scenario.cluster.pools.map(({ name, gpus, gpuModel }) => {
      const { gpu } = scenario.profiles.find((profile) => profile.gpu.model === gpuModel)!;
      return { id: name, gpus, idleW: gpu.idlePowerWatts };
    }),
    profiles,
    jobs,
    services: scenario.services.map((service) => ({
      id: service.id,
      pool: service.spec.pool,
      gpus: service.spec.gpus,
      slots: servingSlots(scenario, service, truthOf(service.spec.pool, service.spec.model), HOUR_MS),
    })),
    carbonBudgetG: null,
  };
}

function maxWorkersOf({ jobs }: Scenario, model: string): number {
  const counts = jobs.flatMap(({ spec }) => (spec.model === model ? [spec.maxWorkers] : []));
  return Math.max(...counts);
}

function oracleJob(
  scenario: Scenario,
  { id, spec, submittedAt }: ScenarioJob,
  truth: ModelTruth,
  profile: string,
  profiles: Record<string, readonly OracleOption[]>,
): OracleJob {
  const { samplesPerSecond, gpu } = truth.profile;
  const fixed = !spec.resizable;
  // A job that may not be resized has a table of its own: the mixes that the thinned table relies on are not open to it.
  const own = `${profile}/${spec.requestedWorkers} workers`;
  if (fixed) profiles[own] ??= trainingOptions(truth, spec.requestedWorkers, spec.requestedWorkers);
  return {
    id,
    pool: spec.pool,
    profile: fixed ? own : profile,
    arrival: Math.floor((submittedAt - scenario.startsAt) / HOUR_MS),
    deadline: Math.ceil(((spec.deadlineAt ?? scenario.endsAt) - scenario.startsAt) / HOUR_MS),
    work: spec.samples! / (samplesPerSecond * 3600),
    minWorkers: fixed ? spec.requestedWorkers : spec.minWorkers,
    maxWorkers: fixed ? spec.requestedWorkers : spec.maxWorkers,
    requested: { workers: spec.requestedWorkers, mhz: gpu.maxSmClockMhz },
  };
}
