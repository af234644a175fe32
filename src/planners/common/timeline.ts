import type { PlanningProblem, Slot } from "../planner.ts";

const msPerHour = 3_600_000;

/** The usable part of a problem's slots: the first one begins now. */
export interface Timeline {
  readonly slots: readonly Slot[];
  /** Start of the usable part of each slot, epoch milliseconds. */
  readonly startsAt: readonly number[];
  readonly endsAt: readonly number[];
}

export function timelineOf(problem: PlanningProblem): Timeline {
  return {
    slots: problem.slots,
    startsAt: problem.slots.map((slot) => Math.max(slot.startsAt, problem.nowMs)),
    endsAt: problem.slots.map((slot) => slot.startsAt + slot.durationMs),
  };
}

/** First slot that begins at `at` or later and is not over yet; the number of slots if there is none. */
export function firstSlotFrom(timeline: Timeline, at: number): number {
  const first = timeline.startsAt.findIndex((start, t) => start >= at && timeline.endsAt[t]! > start);
  return first === -1 ? timeline.slots.length : first;
}

/**
 * Sum, over a run of `durationMs` that starts with slot `first`, of its hours times what `weightOf` says of the slot. What
 * lies beyond the last slot is weighed with the mean over the slots; a run without end counts up to there.
 */
export function weighHours(
  timeline: Timeline,
  first: number,
  durationMs: number,
  weightOf: (slot: number) => number,
): number {
  const slots = timeline.slots.length;
  let left = durationMs / msPerHour;
  let sum = 0;
  for (let t = first; t < slots && left > 0; t++) {
    const hours = Math.min(left, slotHours(timeline, t));
    sum += hours * weightOf(t);
    left -= hours;
  }
  return left > 0 && Number.isFinite(left) ? sum + left * mean(timeline, weightOf) : sum;
}

function mean(timeline: Timeline, weightOf: (slot: number) => number): number {
  let sum = 0;
  let hours = 0;
  for (let t = 0; t < timeline.slots.length; t++) {
    sum += slotHours(timeline, t) * weightOf(t);
    hours += slotHours(timeline, t);
  }
  return hours > 0 ? sum / hours : 0;
}

/** Usable hours of a slot. */
export function slotHours(timeline: Timeline, t: number): number {
  return Math.max(0, timeline.endsAt[t]! - timeline.startsAt[t]!) / msPerHour;
}
