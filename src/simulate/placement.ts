import type { SimulatedGpu } from "./gpu.ts";

/**
 * Chooses `count` of the free boards on as few nodes as possible: first nodes where the gang already runs, then the
 * node that fits the rest most tightly, otherwise the emptiest. Ties go to the first in order of `free`.
 * Returns undefined if there are not enough.
 */
export function chooseBoards(
  free: readonly SimulatedGpu[],
  count: number,
  homeNodes: ReadonlySet<string>,
): SimulatedGpu[] | undefined {
  if (free.length < count) return undefined;
  const byNode = [...Map.groupBy(free, (gpu) => gpu.node)].map(([node, gpus]) => ({ node, gpus }));
  const chosen: SimulatedGpu[] = [];
  while (chosen.length < count) {
    const missing = count - chosen.length;
    byNode.sort(
      (a, b) =>
        Number(homeNodes.has(b.node)) - Number(homeNodes.has(a.node)) ||
        Number(b.gpus.length >= missing) - Number(a.gpus.length >= missing) ||
        (a.gpus.length >= missing ? a.gpus.length - b.gpus.length : b.gpus.length - a.gpus.length),
    );
    chosen.push(...byNode.shift()!.gpus.slice(0, missing));
  }
  return chosen;
}

/** Which of a gang's boards to keep when it shrinks: those on the nodes where it has most. */
export function keepBoards(boards: readonly SimulatedGpu[], count: number): SimulatedGpu[] {
  const onNode = new Map<string, number>();
  for (const gpu of boards) onNode.set(gpu.node, (onNode.get(gpu.node) ?? 0) + 1);
  return boards.toSorted((a, b) => onNode.get(b.node)! - onNode.get(a.node)!).slice(0, count);
}
