import { type Context, declaration, requestPlan } from "./context.ts";
import { limits } from "./limits.ts";
import { nodeKind } from "./state-kinds.ts";

/**
 * GPUs that work now, by pool: as declared, less those that report themselves lost and those of nodes that have
 * fallen silent. Nodes never heard of count as working.
 */
export function workingGpus(context: Context): Map<string, number> {
  const working = new Map<string, number>();
  for (const pool of declaration(context)?.pools ?? []) working.set(pool.name, pool.gpus);
  for (const [, node] of context.state.range(nodeKind, context.cluster)) {
    const silent = context.nowMs - node.observedAt > limits.nodeSilentMs;
    const lost = silent ? node.gpus.length : node.gpus.filter((gpu) => !gpu.healthy).length;
    working.set(node.pool, Math.max(0, (working.get(node.pool) ?? 0) - lost));
  }
  return working;
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
