import { clocksAt, placementOf } from "./fit.ts";
import { clockFor, noPrices, roomFor } from "./room.ts";
import type { Task } from "./task.ts";
import type { Placement, Usage } from "./usage.ts";

/**
 * A task that runs now, left as it is at its lowest clock until it is done. What all running tasks have is always there,
 * so this holds their places before anything else is planned.
 */
export function placeAsItIs(task: Task, usage: Usage): Placement {
  const room = roomFor(task, usage, noPrices(usage.horizon), Number.POSITIVE_INFINITY);
  const pattern = new Int16Array(usage.horizon.slots).fill(-1);
  const { workers } = task.options[task.runningOption]!;
  for (let t = room.first; t < room.end && room.freeGpus[t]! >= workers; t++) pattern[t] = task.runningOption;
  return placementOf(task, room, pattern, new Int16Array(pattern.length));
}

/**
 * Runs a task from now on wherever there is room, without an end in view: at the workers that it has or asked for and
 * the clock of least energy, or as fast as may be. A job that may not be paused starts only where it can go on.
 */
export function placeSteady(task: Task, usage: Usage, fast: boolean): Placement {
  const room = roomFor(task, usage, noPrices(usage.horizon), Number.POSITIVE_INFINITY);
  const price = fast ? Number.POSITIVE_INFINITY : 0;
  for (const option of steadyOptions(task, fast)) {
    const pattern = new Int16Array(usage.horizon.slots).fill(-1);
    const fits = (t: number) => clockFor(room, t, task.options[option]!, price) >= 0;
    let start = room.first;
    if (!task.job.pausable) {
      for (let t = room.first; t < room.end; t++) if (!fits(t)) start = t + 1;
      if (start > room.first && task.mustRun) continue;
    }
    for (let t = start; t < room.end; t++) if (fits(t)) pattern[t] = option;
    if (start < room.end) return placementOf(task, room, pattern, clocksAt(task, room, pattern, price));
  }
  return task.mustRun && task.runningOption >= 0
    ? placeAsItIs(task, usage)
    : placementOf(task, room, new Int16Array(usage.horizon.slots).fill(-1), new Int16Array(0));
}

/** Worker options to try, the best first. */
function steadyOptions(task: Task, fast: boolean): number[] {
  const all = task.options.map((_, option) => option).reverse();
  if (fast) return all;
  const wanted = task.job.workers > 0 ? task.job.workers : task.job.requestedWorkers;
  return all.filter((option) => task.options[option]!.workers <= wanted);
}
