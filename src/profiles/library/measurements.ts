import { type MeasuredPoint, speedFollowing } from "../fit.ts";

/** Published measurements, each a list of clock (MHz), speed (any unit), board watts. */
type Row = readonly [smClockMhz: number, speed: number, powerWatts: number];

/**
 * RTX 5090 under core clock locks, Gemma decode in tokens a second, from noonghunna/club-3090
 * (docs/img/freq-cap-5090-gemma4.py, Apache-2.0).
 */
const rtx5090ClockLock: readonly Row[] = [
  [667, 223, 133],
  [1147, 348, 187],
  [1635, 458, 243],
  [2122, 602, 314],
  [2602, 717, 417],
  [3090, 805, 559],
];

/** The same, clocks and watts rescaled to an RTX 4090 that draws 430 W at 2730 MHz. */
export const rtx4090Compute = points(rtx5090ClockLock, { clock: 2730 / 3090, power: 430 / 559 });

/**
 * RTX 4090 under power caps, 27B decode: tokens a second and watts, from noonghunna/club-3090
 * (docs/img/power-cap-4090-qwen36.py, Apache-2.0). The sweep has no clocks: they are those at which 40 % of the time
 * follows the core clock, an assumption.
 */
const rtx4090PowerCap: readonly (readonly [powerWatts: number, tokensPerSecond: number])[] = [
  [250, 46.4],
  [260, 48.3],
  [280, 49.4],
  [300, 50.2],
  [350, 51.4],
  [393, 51.96],
];
const decodeClockShare = 0.4;

export const rtx4090Decode: readonly MeasuredPoint[] = rtx4090PowerCap.map(([powerWatts, speed]) => ({
  smClockMhz: 2730 / (1 + (51.96 / speed - 1) / decodeClockShare),
  speed,
  powerWatts,
}));

/**
 * V100-PCIe core clock sweep, nnForward kernel: kernels a millisecond and watts, from blackjack2015/NV-DVFS-Benchmark
 * (data/v100-dvfs-real.csv).
 */
export const v100NnForward = points([
  [705, 1 / 0.256, 92.6],
  [945, 1 / 0.176, 117.8],
  [1380, 1 / 0.1436, 193.8],
]);

/**
 * A100 running GROMACS: watts from the two pieces of Wattlytics (arXiv 2604.08182), rescaled from 259.5 W to 245 W at the
 * top to stay within the limit of the PCIe board.
 *
 * @param clockShare Share of the time at the top clock that follows the clock.
 */
export function a100Points(clockShare: number): readonly MeasuredPoint[] {
  return [405, 555, 705, 810, 945, 1095, 1245, 1410].map((clock) => {
    const watts = clock <= 810 ? 0.07297 * clock + 59.57 : 4.783e-4 * clock ** 2 - 0.8382 * clock + 490.4;
    return {
      smClockMhz: clock,
      speed: speedFollowing(clockShare)(clock / 1410),
      powerWatts: (watts * 245) / 259.5,
    };
  });
}

function points(rows: readonly Row[], scale = { clock: 1, power: 1 }): readonly MeasuredPoint[] {
  return rows.map(([clock, speed, powerWatts]) => ({
    smClockMhz: clock * scale.clock,
    speed,
    powerWatts: powerWatts * scale.power,
  }));
}
