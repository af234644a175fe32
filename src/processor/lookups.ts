import type { Pool, Profile } from "../records/index.ts";
import { type Context, declaration } from "./context.ts";
import { profileKind } from "./state-kinds.ts";

export function poolOf(context: Context, name: string): Pool | undefined {
  return declaration(context)?.pools.find((pool) => pool.name === name);
}

/** The profile of a model on the GPUs of a pool; undefined if either is unknown. */
export function profileOf(context: Context, poolName: string, model: string): Profile | undefined {
  const pool = poolOf(context, poolName);
  return pool && context.state.get(profileKind, context.cluster, profileId(pool.gpuModel, model));
}

/** Names a profile in the state. */
export function profileId(gpuModel: string, model: string): string {
  return `${gpuModel}/${model}`;
}
