import type {
  Batching,
  Cluster,
  GpuModel,
  OperatingPoint,
  Policy,
  Pool,
  Profile,
  ScalingPoint,
} from "../records.generated.ts";
import { amount, count, gpuPower, name, prose, smClock, someWorkers } from "./common-rules.ts";
import { recordLimits as limits } from "./limits.ts";
import { all, between, fields, isRising, list, must, orNull, type Rule, range } from "./rule.ts";

const timeZone: Rule<string> = (value) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return undefined;
  } catch {
    return ` is ${JSON.stringify(value.slice(0, 120))}; it must be an IANA time zone, for example Europe/Berlin`;
  }
};

const pool = fields<Pool>({ name, gpuModel: name, gpus: range(1, limits.maxGpus) });

export const cluster = all(
  fields<Cluster>({
    zone: name,
    timeZone,
    pue: range(1, limits.maxPue),
    pools: list(1, limits.maxPools, pool),
    powerCapWatts: orNull(between(0, Number.MAX_VALUE)),
  }),
  must<Cluster>(
    "pools",
    ({ pools }) => new Set(pools.map((p) => p.name)).size === pools.length,
    "have different names",
  ),
);

export const policy = all(
  fields<Policy>({
    version: count,
    planner: name,
    minSmClockMhz: orNull(smClock),
    maxSmClockMhz: orNull(smClock),
    leaseMs: range(1, limits.maxLeaseMs),
  }),
  must<Policy>(
    "minSmClockMhz",
    ({ minSmClockMhz, maxSmClockMhz }) => (minSmClockMhz ?? 0) <= (maxSmClockMhz ?? Number.POSITIVE_INFINITY),
    "be at most maxSmClockMhz",
  ),
);

const gpuModel = all(
  fields<GpuModel>({
    model: name,
    minSmClockMhz: smClock,
    maxSmClockMhz: smClock,
    smClockStepMhz: smClock,
    idlePowerWatts: gpuPower,
    powerLimitWatts: gpuPower,
    source: prose,
  }),
  must<GpuModel>(
    "minSmClockMhz",
    (gpu) => gpu.minSmClockMhz <= gpu.maxSmClockMhz,
    "be at most maxSmClockMhz",
  ),
  must<GpuModel>(
    "idlePowerWatts",
    (gpu) => gpu.idlePowerWatts < gpu.powerLimitWatts,
    "be less than powerLimitWatts",
  ),
);

const positive = between(0, Number.MAX_VALUE);
const point = fields<OperatingPoint>({ smClockMhz: smClock, relativeSpeed: positive, powerWatts: gpuPower });
const scaling = fields<ScalingPoint>({ workers: someWorkers, relativeThroughput: positive });
const batching = fields<Batching>({
  setupMs: amount,
  marginalMs: positive,
  maxBatch: range(1, limits.maxWorkers),
});

export const profile = all(
  fields<Profile>({
    model: name,
    gpu: gpuModel,
    curve: list(2, limits.maxCurvePoints, point),
    curveSource: prose,
    samplesPerSecond: positive,
    scaling: list(0, limits.maxCurvePoints, scaling),
    batching: orNull(batching),
    rateSource: prose,
  }),
  must<Profile>("curve", ({ curve }) => isRising(curve.map((p) => p.smClockMhz)), "have rising clocks"),
  must<Profile>(
    "scaling",
    (p) =>
      p.purpose !== "training" || (p.scaling[0]?.workers === 1 && isRising(p.scaling.map((s) => s.workers))),
    "have rising worker counts from 1 for training",
  ),
  must<Profile>("batching", (p) => p.purpose !== "inference" || p.batching !== null, "be set for inference"),
);
