import { MS_PER_HOUR } from "./horizon.ts";
import type { Pattern } from "./pattern-search.ts";
import { clockFor, gramsPerHour, type Room } from "./room.ts";
import type { Task } from "./task.ts";
import type { Placement } from "./usage.ts";

const PRICE_STEPS = 24;
/** Tolerated shortfall of work, as a share: rounding only. */
const ROUNDING = 1e-9;

/** Hours without progress in a slot of a pattern. */
function lostHours(task: Task, room: Room, pattern: Pattern, t: number): number {
  const before = t === room.first ? (room.first === 0 ? task.runningOption : -1) : pattern[t - 1]!;
  return before === pattern[t]! ? 0 : Math.min(task.restartHours, room.hours[t]!);
}

function workOf(task: Task, room: Room, pattern: Pattern, clocks: Int16Array): number {
  let work = 0;
  for (let t = room.first; t < room.end; t++) {
    if (pattern[t]! < 0) continue;
    const rate = task.options[pattern[t]!]!.rate[clocks[t]!]!;
    work += rate * (room.hours[t]! - lostHours(task, room, pattern, t));
  }
  return work;
}

/** The clocks of a pattern where a sample is worth `gramsPerSample`. */
export function clocksAt(task: Task, room: Room, pattern: Pattern, gramsPerSample: number): Int16Array {
  const clocks = new Int16Array(pattern.length);
  for (let t = room.first; t < room.end; t++) {
    if (pattern[t]! >= 0) clocks[t] = clockFor(room, t, task.options[pattern[t]!]!, gramsPerSample);
  }
  return clocks;
}

/**
 * The placement of least grams that does the task's work in this pattern: slots that are not needed are given back, the
 * dearest first, and the clocks are as low as the work allows. Null if the work can't be done in it.
 */
export function fitClocks(task: Task, room: Room, wanted: Pattern): Placement | null {
  const pattern = wanted.slice();
  const enough = task.work * (1 - ROUNDING);
  let high = clocksAt(task, room, pattern, Number.POSITIVE_INFINITY);
  if (workOf(task, room, pattern, high) < enough) return null;
  giveBack(task, room, pattern);
  let low = clocksAt(task, room, pattern, 0);
  if (workOf(task, room, pattern, low) >= enough) return placementOf(task, room, pattern, low);
  high = clocksAt(task, room, pattern, Number.POSITIVE_INFINITY);
  let [cheap, dear] = priceRange(task, room);
  for (let i = 0; i < PRICE_STEPS; i++) {
    const price = Math.sqrt(cheap * dear);
    const clocks = clocksAt(task, room, pattern, price);
    if (workOf(task, room, pattern, clocks) >= enough) {
      high = clocks;
      dear = price;
    } else {
      low = clocks;
      cheap = price;
    }
  }
  mix(task, room, pattern, low, high);
  return placementOf(task, room, pattern, low);
}

/** Prices of a sample between which every change of a clock lies, grams. */
function priceRange(task: Task, room: Room): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const { wattsPerRate, leastEnergy } of task.options) {
    least = Math.min(least, wattsPerRate[leastEnergy]!);
    most = Math.max(most, wattsPerRate[wattsPerRate.length - 1]!);
  }
  let dearest = 0;
  for (let t = room.first; t < room.end; t++) dearest = Math.max(dearest, room.gramsPerWattHour[t]!);
  return [least * room.freeGramsPerWattHour, 2 * most * (dearest + room.freeGramsPerWattHour)];
}

/** Raises clocks from `low` to `high`, slot by slot from the first, until the work is done: between two prices. */
function mix(task: Task, room: Room, pattern: Pattern, low: Int16Array, high: Int16Array): void {
  let missing = task.work - workOf(task, room, pattern, low);
  for (let t = room.first; t < room.end && missing > 0; t++) {
    if (pattern[t]! < 0 || low[t] === high[t]) continue;
    const { rate } = task.options[pattern[t]!]!;
    const hours = room.hours[t]! - lostHours(task, room, pattern, t);
    while (low[t]! < high[t]! && missing > 0) {
      missing -= (rate[low[t]! + 1]! - rate[low[t]!]!) * hours;
      low[t]!++;
    }
  }
}

/** Takes slots out of the pattern, at the edges of its runs, as long as the least clocks do the work without them. */
function giveBack(task: Task, room: Room, pattern: Pattern): void {
  const clocks = clocksAt(task, room, pattern, 0);
  let spare = workOf(task, room, pattern, clocks) - task.work;
  while (spare > 0) {
    let worst = -1;
    let worstCost = 0;
    let worstWork = 0;
    for (let t = room.first; t < room.end; t++) {
      if (pattern[t]! < 0 || !removable(task, room, pattern, t)) continue;
      const options = task.options[pattern[t]!]!;
      const rate = options.rate[clocks[t]!]!;
      const work = rate * (room.hours[t]! - lostHours(task, room, pattern, t));
      if (work > spare) continue;
      const cost =
        (gramsPerHour(room, t, options.watts[clocks[t]!]!) + room.gpuPrice[t]! * options.workers) / rate;
      // Of equals the latest goes: nothing is put off without a reason.
      if (cost * (1 + ROUNDING) >= worstCost) {
        worst = t;
        worstCost = cost;
        worstWork = work;
      }
    }
    if (worst < 0) return;
    pattern[worst] = -1;
    spare -= worstWork;
  }
}

/** True if the slot is at an edge of its run and giving it back keeps the abilities and adds no restart. */
function removable(task: Task, room: Room, pattern: Pattern, t: number): boolean {
  const last = t + 1 >= room.end || pattern[t + 1]! < 0;
  if (last) return true;
  if (task.mustRun || pattern[t + 1] !== pattern[t]) return false;
  // The first slot of a run carries the restart, which then moves to the next one.
  const first = t === room.first ? task.runningOption < 0 || room.first > 0 : pattern[t - 1]! < 0;
  return first;
}

/** Runs the pattern until the work is done. The slot in which it finishes is used in part. */
export function placementOf(task: Task, room: Room, pattern: Pattern, clocks: Int16Array): Placement {
  const slots = pattern.length;
  const workers = new Int32Array(slots);
  const smClockMhz = new Float64Array(slots);
  const watts = new Float64Array(slots);
  const hours = new Float64Array(slots);
  let left = task.work * (1 - ROUNDING);
  let finishAt = Number.POSITIVE_INFINITY;
  for (let t = room.first; t < room.end && finishAt === Number.POSITIVE_INFINITY; t++) {
    if (pattern[t]! < 0) continue;
    const options = task.options[pattern[t]!]!;
    const lost = lostHours(task, room, pattern, t);
    const needed = lost + left / options.rate[clocks[t]!]!;
    workers[t] = options.workers;
    smClockMhz[t] = options.smClockMhz[clocks[t]!]!;
    watts[t] = options.watts[clocks[t]!]!;
    hours[t] = Math.min(room.hours[t]!, needed);
    left -= options.rate[clocks[t]!]! * (hours[t]! - lost);
    if (needed <= room.hours[t]!) finishAt = room.startsAt[t]! + needed * MS_PER_HOUR;
  }
  return { workers, smClockMhz, watts, hours, finishAt };
}
