import type { Epoch, Target } from "../records.generated.ts";
import { recordLimits as limits } from "./limits.ts";
import { all, fields, must, orNull, type Rule, range, text } from "./rule.ts";

// A cluster's name is part of keys that are joined by "/" and by "|".
const CLUSTER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export const clusterName: Rule<string> = (value) =>
  CLUSTER_NAME.test(value)
    ? undefined
    : ` is ${JSON.stringify(value.slice(0, 120))}; it must be 1 to 100 letters, digits, ".", "_" or "-"`;

/** For records of a whole partition. */
export const noCluster: Rule<string> = (value) =>
  value === "" ? undefined : ` is ${JSON.stringify(value.slice(0, 120))}; it must be empty`;

export const timestamp = range(limits.minTimestamp, limits.maxTimestamp);
export const duration = range(1, limits.maxDurationMs);
export const name = text(1, limits.maxNameCharacters);
export const prose = text(0, limits.maxTextCharacters);
export const count = range(0, Number.MAX_SAFE_INTEGER);
export const amount = range(0, Number.MAX_VALUE);
export const share = range(0, 1);
export const smClock = range(1, limits.maxSmClockMhz);
export const gpuPower = range(0, limits.maxGpuPowerWatts);
export const workers = range(0, limits.maxWorkers);
export const someWorkers = range(1, limits.maxWorkers);
export const intensity = range(0, limits.maxGco2PerKwh);
export const maybeTimestamp = orNull(timestamp);

export const epoch: Rule<Epoch> = fields<Epoch>({ incarnation: count, sequence: count });

/** The lease is of the whole cluster and has no id; jobs and services have one. */
export const target: Rule<Target> = all(
  fields<Target>({ id: text(0, limits.maxNameCharacters) }),
  must<Target>("id", ({ kind, id }) => (kind === "lease") === (id === ""), "be empty for the lease only"),
);
