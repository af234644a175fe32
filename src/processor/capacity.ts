import { type Context, declaration, requestPlan } from "./context.ts";
import { isTakenByUnknown } from "./foreign-hands.ts";
import { limits } from "./limits.ts";
import type { NodeState } from "./state.generated.ts";
import { jobKind, nodeKind, serviceKind } from "./state-kinds.ts";

/**
 * GPUs that work now, by pool: as declared, less those that are lost or held by an unknown tenant, and less those of
 * nodes that have fallen silent. Nodes never heard of count as working. What the scheduler says still runs is not
 * stopped because its node is silent: silence only gives nothing new.
 */
export function workingGpus(context: Context): Map<string, number> {
  const working = new Map<string, number>();
  const silent = new Map<string, number>();
  for (const pool of declaration(context)?.pools ?? []) working.set(pool.name, pool.gpus);
  for (const [, node] of context.state.range(nodeKind, context.cluster)) {
    const isSilent = context.nowMs - node.observedAt > limits.nodeSilentMs;
    const lost = isSilent ? node.gpus.length : unusableGpus(node);
    add(working, node.pool, -lost);
    if (isSilent) add(silent, node.pool, lost);
  }
  const held = silent.size > 0 ? heldGpus(context) : new Map<string, number>();
  for (const [pool, gpus] of working) {
    const kept = Math.min(silent.get(pool) ?? 0, Math.max(0, (held.get(pool) ?? 0) - gpus));
    working.set(pool, Math.max(0, gpus + kept));
  }
  return working;
}

/** GPUs of each pool that work and are not held by services. */
export function gpusForJobs(context: Context): Map<string, number> {
  const room = workingGpus(context);
  for (const [, { spec }] of context.state.range(serviceKind, context.cluster))
    add(room, spec.pool, -spec.gpus);
  return room;
}

/** Asks for a new plan if GPUs were lost or came back. */
export function watchCapacity(context: Context): void {
  let total = 0;
  for (const gpus of workingGpus(context).values()) total += gpus;
  if (total === context.control.capacity) return;
  const known = context.control.capacity >= 0;
  context.control.capacity = total;
  if (known) requestPlan(context, "capacity");
}

/** GPUs of a node on which nothing can be placed. */
export function unusableGpus({ gpus }: Pick<NodeState, "gpus">): number {
  return gpus.filter((gpu) => !gpu.healthy || isTakenByUnknown(gpu)).length;
}

/** GPUs held by running jobs and by services, by pool. */
function heldGpus(context: Context): Map<string, number> {
  const held = new Map<string, number>();
  for (const [, { spec, workers }] of context.state.range(jobKind, context.cluster))
    add(held, spec.pool, workers);
  for (const [, { spec }] of context.state.range(serviceKind, context.cluster))
    add(held, spec.pool, spec.gpus);
  return held;
}

/** Adds to the count of a pool. */
export function add(counts: Map<string, number>, pool: string, gpus: number): void {
  counts.set(pool, (counts.get(pool) ?? 0) + gpus);
}
