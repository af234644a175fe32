import { busyPowerWatts, samplesPerSecond } from "../../profiles/index.ts";
import type { GpuCapacity } from "../common/gpu-capacity.ts";
import { slotHours, type Timeline } from "../common/timeline.ts";
import type { PlanningJob } from "../planner.ts";

const MS_PER_HOUR = 3_600_000;
/** Time kept free before a deadline: a share of the time left, and a fixed part. */
const margin = { share: 0.05, ms: 10 * 60_000 };
/** Rounds in which restarts and the work that they delay are brought together. */
const ROUNDS = 4;

/** What one more step of workers in a slot does and costs. */
export interface Increment {
  readonly slot: number;
  readonly workers: number;
  readonly rate: number;
  readonly value: number;
}

/** What a job may do in a slot, by rising workers: with one step it runs or pauses, with more it is scaled. */
export interface Steps {
  readonly job: PlanningJob;
  readonly smClockMhz: number;
  /** Worker counts, rising. */
  readonly counts: readonly number[];
}

/**
 * The workers of each slot: increments by samples per gram, best first, until the work is done. Where several steps
 * are allowed this is CarbonScaler's greedy, with one it is Wait-Awhile's choice of the cleanest hours. As early as there is room
 * where that does not make the deadline. Restarts take their time from the work.
 *
 * @param intensity What a kWh costs, one value a slot.
 */
export function chooseSlots(
  steps: Steps,
  intensity: readonly number[],
  capacity: GpuCapacity,
  timeline: Timeline,
): number[] {
  const usable = usableHours(steps.job, timeline);
  let extra = 0;
  let chosen: number[] | null = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    chosen = greedy(steps, intensity, capacity, timeline, usable, extra);
    if (chosen === null) break;
    const needed = restartSamples(steps, chosen);
    if (needed <= extra) return chosen;
    extra = needed;
  }
  return chosen ?? earliest(steps, capacity, timeline);
}

/** Hours of each slot before the deadline less its margin; all of them without a deadline. */
function usableHours({ deadlineAt, earliestStartAt }: PlanningJob, timeline: Timeline): number[] {
  const now = timeline.startsAt[0]!;
  const dueAt =
    deadlineAt === null
      ? Number.POSITIVE_INFINITY
      : deadlineAt - Math.max(0, deadlineAt - now) * margin.share - margin.ms;
  return timeline.slots.map((_, t) => {
    const from = Math.max(timeline.startsAt[t]!, earliestStartAt ?? 0);
    return Math.max(0, Math.min(timeline.endsAt[t]!, dueAt) - from) / MS_PER_HOUR;
  });
}

function greedy(
  steps: Steps,
  intensity: readonly number[],
  capacity: GpuCapacity,
  timeline: Timeline,
  usable: readonly number[],
  extraSamples: number,
): number[] | null {
  const { job } = steps;
  const increments = timeline.slots.flatMap((_, t) =>
    usable[t]! > 0 ? incrementsOf(steps, t, intensity[t]!) : [],
  );
  // Of equal value the earlier slot, then the fewer workers.
  increments.sort((a, b) => b.value - a.value || a.slot - b.slot || a.workers - b.workers);
  const workers = timeline.slots.map(() => 0);
  let left = job.samplesLeft + extraSamples;
  for (const { slot, workers: count, rate } of increments) {
    if (left <= 0) break;
    // An increment can only follow the one below it, and needs room.
    if (previousCount(steps, count) !== workers[slot]! || !capacity.fits(job.pool, slot, slot + 1, count))
      continue;
    workers[slot] = count;
    left -= rate * usable[slot]! * 3600;
  }
  return left <= 0 ? workers : null;
}

/** Marginal throughput over marginal power and intensity (CarbonScaler, arXiv 2302.08681); never rising with workers. */
function incrementsOf({ job, smClockMhz, counts }: Steps, slot: number, intensity: number): Increment[] {
  const { profile } = job;
  const watts = busyPowerWatts(profile, smClockMhz) - profile.gpu.idlePowerWatts;
  let before = 0;
  let rateBefore = 0;
  return counts.map((workers) => {
    const rate = samplesPerSecond(profile, workers, smClockMhz) * job.speedRatio;
    const marginal = { rate: rate - rateBefore, watts: (workers - before) * watts };
    before = workers;
    rateBefore = rate;
    return {
      slot,
      workers,
      rate: marginal.rate,
      value: marginal.rate / (marginal.watts * Math.max(intensity, 1e-9)),
    };
  });
}

function previousCount({ counts }: Steps, count: number): number {
  return counts[counts.indexOf(count) - 1] ?? 0;
}

/** Samples that are not done while the job loads, at every change of workers to another number but none. */
function restartSamples({ job, smClockMhz }: Steps, workers: readonly number[]): number {
  let samples = 0;
  let before = job.workers;
  for (const count of workers) {
    if (count > 0 && count !== before) {
      const rate = samplesPerSecond(job.profile, count, smClockMhz) * job.speedRatio;
      samples += (rate * job.restartCostMs) / 1000;
    }
    before = count;
  }
  return samples;
}

/** The most workers in every slot from the first with room on, until the work is done. */
function earliest({ job, smClockMhz, counts }: Steps, capacity: GpuCapacity, timeline: Timeline): number[] {
  let left = job.samplesLeft;
  return timeline.slots.map((_, t) => {
    if (left <= 0 || timeline.endsAt[t]! <= (job.earliestStartAt ?? 0)) return 0;
    const count = counts.findLast((one) => capacity.fits(job.pool, t, t + 1, one)) ?? 0;
    if (count > 0) {
      left -=
        samplesPerSecond(job.profile, count, smClockMhz) * job.speedRatio * slotHours(timeline, t) * 3600;
    }
    return count;
  });
}
