import { CarmError, type Cluster, type Pool, type Profile } from "../records/index.ts";
import { DAY_MS, HOUR_MS, recipe } from "./recipe/constants.ts";
import { buildGrid } from "./recipe/grid.ts";
import { buildJobs } from "./recipe/jobs.ts";
import { buildServices } from "./recipe/services.ts";
import { timeZoneOf } from "./recipe/time-zones.ts";
import type { Scenario, ScenarioOptions } from "./scenario.ts";
import type { TraceSet } from "./trace-set.ts";

/**
 * Makes a scenario from traces and profiles: what is the same for every policy. The same arguments give the same
 * scenario. Throws ERR_OPTION_INVALID, ERR_ZONE_UNKNOWN, ERR_TRACE_MISSING or ERR_PROFILE_UNKNOWN.
 */
export async function buildScenario(
  options: ScenarioOptions,
  traces: TraceSet,
  profileLibrary: readonly Omit<Profile, "cluster" | "observedAt">[],
): Promise<Scenario> {
  checkOptions(options);
  const { startsAt } = options;
  const endsAt = startsAt + Math.round((options.days * DAY_MS) / HOUR_MS) * HOUR_MS;
  const profiles = profileLibrary
    .filter((profile) => profile.gpu.model === recipe.gpuModel)
    .map((profile): Profile => ({ ...profile, cluster: recipe.clusterName, observedAt: startsAt }));
  const training = withPurpose(profiles, "training");
  const inference = withPurpose(profiles, "inference").slice(0, recipe.services);
  const [inferencePool, trainingPool] = poolsOf(options.gpus);
  const cluster: Cluster = {
    cluster: recipe.clusterName,
    observedAt: startsAt,
    zone: options.zone,
    timeZone: timeZoneOf(options.zone),
    pue: recipe.pue,
    signal: "average",
    pools: [inferencePool, trainingPool],
    powerCapWatts: null,
  };
  const jobs = await buildJobs(options, endsAt, trainingPool, training, traces);
  const services = await buildServices(options, endsAt, inferencePool, inference, traces);
  const idleWatts = options.gpus * training[0]!.gpu.idlePowerWatts;
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
      `${options.gpus} × ${recipe.gpuModel}: ${inferencePool.gpus} for inference, ${trainingPool.gpus} for training; PUE ${recipe.pue} (assumed).`,
      ...grid.provenance,
      ...services.provenance,
      ...jobs.provenance,
      `Simulated at model error ${options.modelError} (0 is a world as in the profiles): boards and models differ from their profiles by a few per cent, arrivals come in bursts, boards straggle, jobs crash, GPUs get lost; the same for every policy.`,
      ...traces.attribution,
    ],
  };
}

/** Three equal services; training has the rest. */
function poolsOf(gpus: number): [inference: Pool, training: Pool] {
  const inference = recipe.services * Math.max(1, Math.round(gpus * recipe.gpusPerServiceShare));
  const { gpuModel } = recipe;
  return [
    { name: "inference", purpose: "inference", gpuModel, gpus: inference },
    { name: "training", purpose: "training", gpuModel, gpus: gpus - inference },
  ];
}

function withPurpose(profiles: readonly Profile[], purpose: Profile["purpose"]): Profile[] {
  const found = profiles.filter((profile) => profile.purpose === purpose);
  if (found.length === 0) {
    throw new CarmError("ERR_PROFILE_UNKNOWN", `There is no ${purpose} profile for ${recipe.gpuModel}.`);
  }
  return found;
}

function checkOptions(options: ScenarioOptions): void {
  const { startsAt, days, gpus, slack } = options;
  const refuse = (message: string): never => {
    throw new CarmError("ERR_OPTION_INVALID", message);
  };
  if (startsAt % HOUR_MS !== 0) refuse("The start must be a full hour.");
  if (!(days > 0 && days <= 366)) refuse(`Days must lie between 0 and 366, not ${days}.`);
  if (!Number.isInteger(gpus) || gpus <= recipe.services) {
    refuse(`At least ${recipe.services + 1} GPUs are needed: one a service and one to train; not ${gpus}.`);
  }
  if (!(slack >= 1)) refuse(`Slack must be at least 1, not ${slack}.`);
}
