import { clockFor, gramsPerHour, type Room } from "./room.ts";
import type { Task } from "./task.ts";

/** Which of the task's worker options runs in each slot; -1 where it does not run. */
export type Pattern = Int16Array;

/** A pattern and the samples it would do by the clocks that a price per sample chose. */
export interface PricedPattern {
  readonly pattern: Pattern;
  readonly work: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

/**
 * The best pattern where a sample is worth `gramsPerSample`, by dynamic programming over the slots: worth of the samples
 * less grams and shadow prices, with the samples lost by every start, resume and resize. Null if a job that has to run
 * finds no room.
 */
export function bestPattern(task: Task, room: Room, gramsPerSample: number): PricedPattern | null {
  const count = task.options.length;
  const waiting = count;
  const finished = count + 1;
  const states = count + 2;
  const slots = room.end - room.first;
  const from = new Int16Array(slots * states);
  const rate = new Float64Array(slots * count);
  let value = new Float64Array(states).fill(NEVER);
  let next = new Float64Array(states);
  value[task.mustRun && task.runningOption >= 0 ? task.runningOption : waiting] = 0;
  const running = task.runningOption;
  if (!task.mustRun && running >= 0 && room.first === 0) value[running] = 0;
  for (let s = 0; s < slots; s++) {
    const t = room.first + s;
    let best = waiting;
    for (let k = 0; k < count; k++) if (value[k]! > value[best]!) best = k;
    const row = s * states;
    from[row + waiting] = task.job.pausable ? best : waiting;
    next[waiting] = task.mustRun ? NEVER : value[from[row + waiting]!]!;
    from[row + finished] = value[finished]! >= value[best]! || best === waiting ? finished : best;
    next[finished] = task.job.pausable ? NEVER : value[from[row + finished]!]!;
    for (let k = 0; k < count; k++) {
      const options = task.options[k]!;
      const clock = clockFor(room, t, options, gramsPerSample);
      if (clock < 0) {
        next[k] = NEVER;
        continue;
      }
      const hours = room.hours[t]!;
      rate[s * count + k] = options.rate[clock]!;
      const cost = gramsPerHour(room, t, options.watts[clock]!) + room.gpuPrice[t]! * options.workers;
      const worth = hours * (gramsPerSample * options.rate[clock]! - cost);
      const lost = gramsPerSample * options.rate[clock]! * Math.min(task.restartHours, hours);
      const stay = value[k]! >= value[best]! - lost;
      from[row + k] = stay ? k : best;
      next[k] = worth + (stay ? value[k]! : value[best]! - lost);
    }
    [value, next] = [next, value];
  }
  let state = 0;
  for (let i = 1; i < states; i++) if (value[i]! > value[state]!) state = i;
  if (value[state] === NEVER) return null;
  return trace(task, room, from, rate, state);
}

function trace(
  task: Task,
  room: Room,
  from: Int16Array,
  rate: Float64Array,
  lastState: number,
): PricedPattern {
  const count = task.options.length;
  const states = count + 2;
  const pattern = new Int16Array(room.hours.length).fill(-1);
  let state = lastState;
  let work = 0;
  for (let s = room.end - room.first - 1; s >= 0; s--) {
    const before = from[s * states + state]!;
    if (state < count) {
      const t = room.first + s;
      pattern[t] = state;
      const lostHours = before === state ? 0 : Math.min(task.restartHours, room.hours[t]!);
      work += rate[s * count + state]! * (room.hours[t]! - lostHours);
    }
    state = before;
  }
  return { pattern, work };
}
