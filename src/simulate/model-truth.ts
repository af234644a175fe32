import type { GpuModel, Profile } from "../records/index.ts";
import { linear, monotoneCubic } from "./interpolation.ts";
import { physics } from "./physics.ts";
import { createDraws } from "./random.ts";

/** How a deep-learning model really behaves on the scenario's GPU, before the spread between boards. */
export interface ModelTruth {
  readonly profile: Profile;
  /** Speed over the profile's speed at the highest clock; rises with the clock. */
  speed(smClockMhz: number): number;
  /** Watts of an always busy board at the temperature at which the profile was measured; rises with the clock. */
  busyPowerWatts(smClockMhz: number): number;
  /** Throughput of a gang over that of one worker. */
  scaling(workers: number): number;
}

/** Share of the busy power above idle that does not fall with the clock below the lowest measured point. */
const STATIC_SHARE = 0.3;

/**
 * Interpolates the profile's points and bends the curves by a smooth deviation of each model's own: a power of the
 * curve, which keeps it rising, and a level.
 */
export function createModelTruth(profile: Profile, seed: number, modelError: number): ModelTruth {
  const draws = createDraws(seed, "model-truth", `${profile.gpu.model}/${profile.model}`);
  const off = (index: number, size: number) => modelError * size * (2 * draws.uniform(index) - 1);
  const speedLevel = 1 + off(0, physics.levelDeviation);
  const powerLevel = 1 + off(1, physics.levelDeviation);
  const speedExponent = 1 + off(2, physics.curveDeviation);
  const powerExponent = 1 + off(3, physics.curveDeviation);

  const clocks = profile.curve.map((point) => point.smClockMhz);
  const speedCurve = monotoneCubic(
    clocks,
    profile.curve.map((point) => point.relativeSpeed),
  );
  const powerCurve = monotoneCubic(
    clocks,
    profile.curve.map((point) => point.powerWatts),
  );
  const lowestClock = clocks[0]!;
  const idle = profile.gpu.idlePowerWatts;
  const topAboveIdle = profile.curve.at(-1)!.powerWatts - idle;

  const speedAt = (clock: number) =>
    speedLevel * (speedCurve(clock) * Math.min(1, clock / lowestClock)) ** speedExponent;
  const powerAt = (clock: number) => {
    const below = STATIC_SHARE + (1 - STATIC_SHARE) * Math.min(1, clock / lowestClock);
    const relative = ((powerCurve(clock) - idle) * below) / topAboveIdle;
    return idle + powerLevel * topAboveIdle * relative ** powerExponent;
  };
  return {
    profile,
    speed: memoized(speedAt),
    busyPowerWatts: memoized(powerAt),
    scaling: linear(
      profile.scaling.length > 0 ? profile.scaling.map((point) => point.workers) : [1],
      profile.scaling.length > 0 ? profile.scaling.map((point) => point.relativeThroughput) : [1],
    ),
  };
}

/** Clocks that the device can be locked at, MHz, rising; the highest is always among them. */
export function supportedSmClocksMhz(gpu: GpuModel): readonly number[] {
  const clocks: number[] = [];
  for (let clock = gpu.minSmClockMhz; clock < gpu.maxSmClockMhz; clock += gpu.smClockStepMhz) {
    clocks.push(clock);
  }
  return [...clocks, gpu.maxSmClockMhz];
}

/** Only the device's clocks ever occur, so the memory is bounded. */
function memoized(compute: (clock: number) => number): (clock: number) => number {
  const known = new Map<number, number>();
  return (clock) => {
    let value = known.get(clock);
    if (value === undefined) {
      value = compute(clock);
      known.set(clock, value);
    }
    return value;
  };
}
