import {
  busyPowerWatts,
  efficientTrainingOptions,
  leastEnergySmClockMhz,
  samplesPerSecond,
  supportedSmClocksMhz,
  type TrainingOption,
  trainingOptions,
} from "../../profiles/index.ts";
import type { Profile } from "../../records/index.ts";
import type { ClockLimits, PlanningJob } from "../planner.ts";

/** Below the clock of least energy every n-th clock is enough: these are for emergencies. */
const SLOW_CLOCK_STRIDE = 8;

/** The clocks that a job may run at with one worker count, by rising clock. */
export interface ClockOptions {
  readonly workers: number;
  readonly smClockMhz: Float64Array;
  /** Samples per hour, rising. */
  readonly rate: Float64Array;
  /** Watts above idle of all workers, rising. */
  readonly watts: Float64Array;
  /** Watts that one more sample per hour costs; minus infinity below the clock of least energy, then never falling. */
  readonly wattsPerRate: Float64Array;
  /** Index of the clock of least energy: nothing below it is chosen unless power is short. */
  readonly leastEnergy: number;
}

/**
 * Every worker count that the job may have, rising; a job that is not resizable has one. Clocks below the one of least
 * energy are of use only under a power cap.
 */
export function clockOptionsOf(job: PlanningJob, limits: ClockLimits, capped: boolean): ClockOptions[] {
  const minWorkers = job.resizable ? job.minWorkers : job.requestedWorkers;
  const maxWorkers = job.resizable ? Math.max(minWorkers, job.maxWorkers) : job.requestedWorkers;
  const all = trainingOptions(job.profile, { minWorkers, maxWorkers, limits });
  const counts = Array.from({ length: maxWorkers - minWorkers + 1 }, (_, i) => minWorkers + i);
  return counts.map((workers) => {
    const low = capped ? slowOptions(job.profile, workers, limits) : [];
    const high = efficientTrainingOptions(all.filter((option) => option.workers === workers));
    return table(workers, low, high, job.speedRatio);
  });
}

function slowOptions(profile: Profile, workers: number, limits: ClockLimits): TrainingOption[] {
  const leastEnergyMhz = leastEnergySmClockMhz(profile, limits);
  const slow = supportedSmClocksMhz(profile.gpu, limits).filter((clock) => clock < leastEnergyMhz);
  return slow
    .filter((_, i) => i % SLOW_CLOCK_STRIDE === 0)
    .map((smClockMhz) => ({
      workers,
      smClockMhz,
      samplesPerSecond: samplesPerSecond(profile, workers, smClockMhz),
      powerWatts: workers * (busyPowerWatts(profile, smClockMhz) - profile.gpu.idlePowerWatts),
    }));
}

function table(
  workers: number,
  low: readonly TrainingOption[],
  high: readonly TrainingOption[],
  speedRatio: number,
): ClockOptions {
  const rows = [...low, ...high];
  const rate = Float64Array.from(rows, (row) => row.samplesPerSecond * 3600 * speedRatio);
  const watts = Float64Array.from(rows, (row) => row.powerWatts);
  const wattsPerRate = rate.map((value, i) => {
    if (i < low.length) return Number.NEGATIVE_INFINITY;
    if (i === low.length) return watts[i]! / value;
    return (watts[i]! - watts[i - 1]!) / (value - rate[i - 1]!);
  });
  const smClockMhz = Float64Array.from(rows, (row) => row.smClockMhz);
  return { workers, smClockMhz, rate, watts, wattsPerRate, leastEnergy: low.length };
}

/** The fastest clock at which one more sample per hour costs at most `wattsPerRate`, the clock of least energy at least. */
export function clockAt(options: ClockOptions, wattsPerRate: number): number {
  let low = options.leastEnergy;
  let high = options.rate.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (options.wattsPerRate[middle]! <= wattsPerRate) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The fastest clock that draws at most `watts`, or -1. */
export function clockWithin(options: ClockOptions, watts: number): number {
  let low = -1;
  let high = options.rate.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (options.watts[middle]! <= watts) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Samples per hour at the most that the job may use. */
export function topRate(options: readonly ClockOptions[]): number {
  return options.reduce((top, { rate }) => Math.max(top, rate[rate.length - 1]!), 0);
}
