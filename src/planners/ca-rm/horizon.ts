import type { PlanningProblem } from "../planner.ts";

export const MS_PER_HOUR = 3_600_000;

/**
 * Part of the mean intensity that energy costs even where it is free of carbon. It decides ties in favour of less energy,
 * and keeps a forecast of zero from justifying any waste.
 */
const FREE_ENERGY_SHARE = 0.01;

/** The slots of a problem as numbers that are quick to reckon with; one entry a slot. */
export interface Horizon {
  readonly nowMs: number;
  readonly slots: number;
  /** When the usable part of a slot begins: not before now. */
  readonly startsAt: Float64Array;
  /** Hours from there to the slot's end. */
  readonly hours: Float64Array;
  /** Grams per watt-hour of IT energy, PUE included. */
  readonly gramsPerWattHour: Float64Array;
  /** IT watts that on-site supply carries: supply over PUE. */
  readonly onSiteWatts: Float64Array;
  /** What a watt-hour costs a planner where it is free of carbon, grams. */
  readonly freeGramsPerWattHour: number;
}

/** Slots that end before now have no hours. A forecast without skill is replaced by its mean: only energy counts then. */
export function horizonOf(problem: PlanningProblem): Horizon {
  const slots = problem.slots.length;
  const startsAt = new Float64Array(slots);
  const hours = new Float64Array(slots);
  const gramsPerWattHour = new Float64Array(slots);
  const onSiteWatts = new Float64Array(slots);
  let grams = 0;
  let allHours = 0;
  problem.slots.forEach((slot, t) => {
    startsAt[t] = Math.max(slot.startsAt, problem.nowMs);
    hours[t] = Math.max(0, slot.startsAt + slot.durationMs - startsAt[t]!) / MS_PER_HOUR;
    gramsPerWattHour[t] = (Math.max(0, slot.gco2PerKwh) * problem.pue) / 1000;
    onSiteWatts[t] = Math.max(0, slot.onSiteWatts) / problem.pue;
    grams += gramsPerWattHour[t]! * hours[t]!;
    allHours += hours[t]!;
  });
  const mean = allHours > 0 && grams > 0 ? grams / allHours : 1;
  if (!problem.intensityForecastUsable) gramsPerWattHour.fill(mean);
  return {
    nowMs: problem.nowMs,
    slots,
    startsAt,
    hours,
    gramsPerWattHour,
    onSiteWatts,
    freeGramsPerWattHour: mean * FREE_ENERGY_SHARE,
  };
}
