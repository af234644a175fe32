import { type Horizon, MS_PER_HOUR } from "./horizon.ts";
import type { ClockOptions } from "./options.ts";
import { clockAt, clockWithin } from "./options.ts";
import type { Task } from "./task.ts";
import type { Placement, Usage } from "./usage.ts";

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

/** What scarce things cost beyond the grams of a placement; one entry a slot. */
export interface Prices {
  /** Grams per GPU-hour. */
  readonly gpu: Float64Array;
  /** Share of the grid's grams that each watt-hour costs; null for what is paid in truth, given what is planned. */
  readonly power: Float64Array | null;
}

export function noPrices(horizon: Horizon): Prices {
  return { gpu: new Float64Array(horizon.slots), power: null };
}

export function roomFor(task: Task, usage: Usage, prices: Prices, until: number): Room {
  const { horizon } = usage;
  const { power } = prices;
  const hours = horizon.hours.slice();
  let end = task.firstSlot;
  while (end < horizon.slots && horizon.startsAt[end]! < until) {
    hours[end] = Math.min(hours[end]!, (until - horizon.startsAt[end]!) / MS_PER_HOUR);
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
    onSiteWatts: horizon.onSiteWatts.map((watts, t) =>
      power === null ? Math.max(0, watts - usage.watts[t]!) : 0,
    ),
    gramsPerWattHour:
      power === null
        ? horizon.gramsPerWattHour
        : horizon.gramsPerWattHour.map((grams, t) => grams * power[t]!),
    freeGramsPerWattHour: horizon.freeGramsPerWattHour,
    gpuPrice: prices.gpu,
  };
}

/** Grams an hour, shadow price left out. */
export function gramsPerHour(room: Room, t: number, watts: number): number {
  const paid = Math.max(0, watts - room.onSiteWatts[t]!);
  return room.gramsPerWattHour[t]! * paid + room.freeGramsPerWattHour * watts;
}

/** Grams and shadow prices of a placement. GPUs are priced for all of the slot in which it finishes: nobody else gets them. */
export function costIn(room: Room, { workers, watts, hours }: Placement): number {
  let cost = 0;
  for (let t = room.first; t < workers.length; t++) {
    if (workers[t] === 0) continue;
    cost += gramsPerHour(room, t, (watts[t]! * hours[t]!) / room.hours[t]!) * room.hours[t]!;
    cost += workers[t]! * room.gpuPrice[t]! * room.hours[t]!;
  }
  return cost;
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
