import type { Pattern } from "./pattern-search.ts";
import { gramsPerHour, type Room } from "./room.ts";
import type { Task } from "./task.ts";

/**
 * The cheapest run without a break for a job with one worker count: every start with every end, at the one clock that
 * just does the work in between. Null if no window does it.
 */
export function bestWindow(task: Task, room: Room): Pattern | null {
  const options = task.options[0]!;
  const { rate, watts, leastEnergy, workers } = options;
  const top = rate.length - 1;
  let best = Number.POSITIVE_INFINITY;
  let bestStart = -1;
  let bestEnd = -1;
  const lastStart = task.mustRun ? room.first : room.end - 1;
  for (let start = room.first; start <= lastStart; start++) {
    let hours = task.runningOption === 0 && start === 0 ? 0 : -task.restartHours;
    let gpuGrams = 0;
    for (let end = start; end < room.end; end++) {
      const slotHours = room.hours[end]!;
      if (room.freeGpus[end]! < workers || room.freeWatts[end]! < watts[0]!) break;
      hours += slotHours;
      gpuGrams += room.gpuPrice[end]! * workers * slotHours;
      if (hours <= 0 || rate[top]! * hours < task.work) continue;
      let clock = top;
      while (clock > leastEnergy && rate[clock - 1]! * hours >= task.work) clock--;
      const spareHours = hours - task.work / rate[clock]!;
      const grams = gramsBetween(room, start, end, watts[clock]!) + gpuGrams;
      const cost = grams - gramsPerHour(room, end, watts[clock]!) * Math.min(spareHours, slotHours);
      if (cost < best) {
        best = cost;
        bestStart = start;
        bestEnd = end;
      }
      if (clock === leastEnergy) break;
    }
  }
  if (bestStart < 0) return null;
  return new Int16Array(room.hours.length).fill(-1).fill(0, bestStart, bestEnd + 1);
}

function gramsBetween(room: Room, start: number, end: number, watts: number): number {
  let grams = 0;
  for (let t = start; t <= end; t++) grams += room.hours[t]! * gramsPerHour(room, t, watts);
  return grams;
}
