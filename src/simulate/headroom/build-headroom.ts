import { CarmError, type Cluster, type Profile } from "../../records/index.ts";
import { DAY_MS, HOUR_MS, recipe } from "../recipe/constants.ts";
import { buildGrid } from "../recipe/grid.ts";
import { buildServices } from "../recipe/services.ts";
import { timeZoneOf } from "../recipe/time-zones.ts";
import type { Scenario, ScenarioOptions } from "../scenario.ts";
import type { TraceSet } from "../trace-set.ts";
import { headroom } from "./constants.ts";
import { buildHeadroomJobs } from "./jobs.ts";

/**
 * Makes the set-up of `carm evaluate`: half of the GPUs train, half serve; jobs arrive during `options.days`, two more
 * days are there to finish them. The same arguments give the same scenario. Throws ERR_OPTION_INVALID,
 * ERR_ZONE_UNKNOWN, ERR_TRACE_MISSING or ERR_PROFILE_UNKNOWN.
 */
export async function buildHeadroom(
  options: ScenarioOptions,
  traces: TraceSet,
  profiles: readonly Omit<Profile, "cluster" | "observedAt">[],
): Promise<Scenario> {
  const { startsAt, gpus } = options;
  const endsAt = startsAt + (options.days + headroom.finishDays) * DAY_MS;
  checkOptions(options);
  const gpuModel = profiles.some(({ gpu }) => gpu.model === recipe.gpuModel)
    ? recipe.gpuModel
    : (profiles[0]?.gpu.model ?? recipe.gpuModel);
  const own = profiles
    .filter((profile) => profile.gpu.model === gpuModel)
    .map((profile): Profile => ({ ...profile, cluster: recipe.clusterName, observedAt: startsAt }));
  const training = own.filter((profile) => profile.purpose === "training");
  const inference = own.filter((profile) => profile.purpose === "inference").slice(0, recipe.services);
  if (training.length === 0 || inference.length === 0) {
    const missing = training.length === 0 ? "training" : "inference";
    throw new CarmError("ERR_PROFILE_UNKNOWN", `There is no ${missing} profile for ${gpuModel}.`);
  }
  const serving = recipe.services * Math.floor((gpus * (1 - headroom.trainingShare)) / recipe.services);
  const servingPool = { name: "inference", purpose: "inference", gpuModel, gpus: serving } as const;
  const trainingPool = { name: "training", purpose: "training", gpuModel, gpus: gpus - serving } as const;
  const cluster: Cluster = {
    cluster: recipe.clusterName,
    observedAt: startsAt,
    zone: options.zone,
    timeZone: timeZoneOf(options.zone),
    pue: recipe.pue,
    signal: "average",
    pools: [servingPool, trainingPool],
    powerCapWatts: null,
  };
  const jobs = await buildHeadroomJobs(options, endsAt, trainingPool, training, traces);
  const services = await buildServices(options, endsAt, servingPool, inference, traces);
  const idleWatts = gpus * training[0]!.gpu.idlePowerWatts;
  const maxMeanWatts = recipe.pue * (idleWatts + jobs.meanBusyWatts + services.meanBusyWatts);
  const grid = await buildGrid(options, endsAt, cluster.timeZone, maxMeanWatts, traces);
  return {
    options,
    startsAt,
    endsAt,
    cluster,
    profiles: [...training, ...inference],
    grid: grid.grid,
    services: services.services,
    jobs: jobs.jobs,
    provenance: [
      `${gpus} × ${gpuModel}: ${serving} for inference, ${gpus - serving} for training; PUE ${recipe.pue} (assumed). ${options.days} days of arrivals, ${headroom.finishDays} more to finish.`,
      ...grid.provenance,
      ...services.provenance,
      ...jobs.provenance,
      ...traces.attribution,
    ],
  };
}

function checkOptions({ startsAt, gpus, days, slack }: ScenarioOptions): void {
  const refuse = (message: string): never => {
    throw new CarmError("ERR_OPTION_INVALID", message);
  };
  if (startsAt % HOUR_MS !== 0) refuse("The start must be a full hour.");
  if (!Number.isInteger(days) || days < 1) refuse(`Days must be a whole number from 1, not ${days}.`);
  if (!Number.isInteger(gpus) || gpus < 2 * recipe.services) {
    refuse(`At least ${2 * recipe.services} GPUs are needed; not ${gpus}.`);
  }
  if (!(slack >= 1)) refuse(`Slack must be at least 1, not ${slack}.`);
}
