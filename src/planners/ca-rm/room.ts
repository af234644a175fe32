import type { ClockOptions } from "./options.ts";
import { clockAt, clockWithin } from "./options.ts";
import type { Task } from "./task.ts";
import type { Usage } from "./usage.ts";

/** What one job finds in each slot, given everything else that is planned, up to the time by which it must be done. */
export interface Room {
  /** Slots from `first` up to `end`, not included, may be used. */
  readonly first: number;
  readonly end: number;
  readonly startsAt: Float64Array;
  /** Usable hours: less than the slot's in the last one. */
  readonly hours: Float64Array;
  readonly freeGpus: Int32Array;
  readonly freeWatts: Float64Array;
  /** Watts that on-site supply would still carry. */
  readonly onSiteWatts: Float64Array;
  readonly gramsPerWattHour: Float64Array;
  readonly freeGramsPerWattHour: number;
  /** Shadow price, grams per GPU-hour. */
  readonly gpuPrice: Float64Array;
}

export function roomFor(task: Task, usage: Usage, gpuPrice: Float64Array, until: number): Room {
  const { horizon } = usage;
  const hours = horizon.hours.slice();
  let end = task.firstSlot;
  while (end < horizon.slots && horizon.startsAt[end]! < until) {
    hours[end] = Math.min(hours[end]!, (until - horizon.startsAt[end]!) / 3_600_000);
    end++;
  }
  const freeGpus = usage.freeGpus.get(task.job.pool);
  return {
    first: task.firstSlot,
    end,
    startsAt: horizon.startsAt,
    hours,
    freeGpus: freeGpus ?? new Int32Array(horizon.slots),
    freeWatts: usage.freeWatts,
    onSiteWatts: horizon.onSiteWatts.map((watts, t) => Math.max(0, watts - usage.watts[t]!)),
    gramsPerWattHour: horizon.gramsPerWattHour,
    freeGramsPerWattHour: horizon.freeGramsPerWattHour,
    gpuPrice,
  };
}

/** Grams an hour, shadow price left out. */
export function gramsPerHour(room: Room, t: number, watts: number): number {
  const paid = Math.max(0, watts - room.onSiteWatts[t]!);
  return room.gramsPerWattHour[t]! * paid + room.freeGramsPerWattHour * watts;
}

/** The clock to run at where a sample is worth `gramsPerSample`; -1 if there is no room. */
export function clockFor(room: Room, t: number, options: ClockOptions, gramsPerSample: number): number {
  if (room.freeGpus[t]! < options.workers) return -1;
  const price = room.gramsPerWattHour[t]! + room.freeGramsPerWattHour;
  let clock = clockAt(options, gramsPerSample / price);
  const free = room.onSiteWatts[t]!;
  if (free > options.watts[clock]!) {
    clock = Math.max(
      clock,
      Math.min(clockWithin(options, free), clockAt(options, gramsPerSample / room.freeGramsPerWattHour)),
    );
  }
  if (options.watts[clock]! > room.freeWatts[t]!) clock = clockWithin(options, room.freeWatts[t]!);
  return clock;
}
