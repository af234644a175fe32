import { assert } from "../records/index.ts";
import { type ClockLimits, supportedSmClocksMhz, thinClocks } from "./clocks.ts";
import { busyPowerWatts, leastEnergySmClockMhz, relativeSpeed } from "./curve.ts";
import type { ProfileTemplate } from "./profile-template.ts";

/** One way to run a training job. */
export interface TrainingOption {
  readonly workers: number;
  readonly smClockMhz: number;
  readonly samplesPerSecond: number;
  /** Of all workers, above idle. */
  readonly powerWatts: number;
}

/** Between the clock of least energy and the top, both among them. */
const maxClocksPerOption = 12;

/** Training throughput of all workers together, one GPU each. Workers beyond the last known count add nothing. */
export function samplesPerSecond(profile: ProfileTemplate, workers: number, smClockMhz: number): number {
  return profile.samplesPerSecond * relativeThroughput(profile, workers) * relativeSpeed(profile, smClockMhz);
}

/**
 * All sensible ways to run a job on minWorkers to maxWorkers GPUs: none below the clock of least energy. Workers are
 * taken as always busy: time lost in synchronising draws the same power, which overstates wide jobs a little.
 */
export function trainingOptions(
  profile: ProfileTemplate,
  range: { readonly minWorkers: number; readonly maxWorkers: number; readonly limits?: ClockLimits },
): readonly TrainingOption[] {
  const { minWorkers, maxWorkers, limits } = range;
  assert(minWorkers >= 1 && maxWorkers >= minWorkers, "a job has at least one worker");
  const lowest = leastEnergySmClockMhz(profile, limits);
  const useful = supportedSmClocksMhz(profile.gpu, limits).filter((clock) => clock >= lowest);
  const options: TrainingOption[] = [];
  for (let workers = minWorkers; workers <= maxWorkers; workers++) {
    for (const smClockMhz of thinClocks(useful, maxClocksPerOption)) {
      options.push({
        workers,
        smClockMhz,
        samplesPerSecond: samplesPerSecond(profile, workers, smClockMhz),
        powerWatts: workers * (busyPowerWatts(profile, smClockMhz) - profile.gpu.idlePowerWatts),
      });
    }
  }
  return options;
}

/**
 * The options on the lower convex hull of (rate, power) seen from (0, 0), by rising rate. Any other option takes more
 * energy than a mix over time of two neighbours on the hull, or of the first one and a pause.
 */
export function efficientTrainingOptions(options: readonly TrainingOption[]): readonly TrainingOption[] {
  const byRate = options.toSorted(
    (a, b) => a.samplesPerSecond - b.samplesPerSecond || a.powerWatts - b.powerWatts,
  );
  const hull: { rate: number; power: number; option: TrainingOption | null }[] = [
    { rate: 0, power: 0, option: null },
  ];
  for (const option of byRate) {
    const { samplesPerSecond: rate, powerWatts: power } = option;
    if (rate <= hull.at(-1)!.rate) continue;
    while (hull.length > 1 && !turnsUp(hull.at(-2)!, hull.at(-1)!, rate, power)) hull.pop();
    hull.push({ rate, power, option });
  }
  return hull.flatMap((point) => (point.option === null ? [] : [point.option]));
}

function turnsUp(
  a: { rate: number; power: number },
  b: { rate: number; power: number },
  rate: number,
  power: number,
): boolean {
  return (b.power - a.power) * (rate - b.rate) < (power - b.power) * (b.rate - a.rate);
}

function relativeThroughput(profile: ProfileTemplate, workers: number): number {
  assert(workers >= 1, "a running job has at least one worker");
  const { scaling } = profile;
  const upper = scaling.findIndex((point) => point.workers >= workers);
  if (upper === -1) return scaling.at(-1)?.relativeThroughput ?? 1;
  const b = scaling[upper]!;
  if (upper === 0) return b.relativeThroughput;
  const a = scaling[upper - 1]!;
  const share = (workers - a.workers) / (b.workers - a.workers);
  return a.relativeThroughput + share * (b.relativeThroughput - a.relativeThroughput);
}
