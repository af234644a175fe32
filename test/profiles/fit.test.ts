import { expect, test } from "vitest";
import { fitCurve, relativeSpeed } from "../../src/profiles/index.ts";
import {
  a100Points,
  rtx4090Compute,
  rtx4090Decode,
  v100NnForward,
} from "../../src/profiles/library/measurements.ts";
import type { GpuModel } from "../../src/records/index.ts";
import { libraryProfile } from "./profiles-of.ts";

const v100 = libraryProfile("resnet50", "v100").gpu;
const rtx4090 = libraryProfile("resnet50").gpu;

/** V100 core sweep, matrixMul kernel: MHz, ms, watts (blackjack2015/NV-DVFS-Benchmark, data/v100-dvfs-real.csv). */
const matrixMul = (
  [
    [705, 8.86, 79.8],
    [945, 6.49, 99.0],
    [1102, 5.61, 125.8],
    [1237, 5.03, 153.8],
    [1380, 4.51, 186.1],
  ] as const
).map(([smClockMhz, ms, powerWatts]) => ({ smClockMhz, speed: 1 / ms, powerWatts }));

test("the power law fits the V100's matrixMul within 2.5 %, and its time follows the clock", () => {
  const fit = fitCurve(v100, matrixMul);
  expect(fit.maxPowerError).toBeLessThan(0.025);
  expect(fit.maxSpeedError).toBeLessThan(0.025);
  const profile = { ...libraryProfile("resnet50", "v100"), curve: [...fit.curve] };
  expect(relativeSpeed(profile, 690)).toBeCloseTo(0.5, 2);
});

test.each([
  ["RTX 4090, compute", rtx4090, rtx4090Compute, 0.06],
  ["RTX 4090, decode", rtx4090, rtx4090Decode, 0.03],
  ["A100", libraryProfile("resnet50", "a100").gpu, a100Points(0.8), 0.07],
  ["V100, nnForward", v100, v100NnForward, 0.08],
])("the library's fit of %s is as good as it says", (_name, gpu, points, error) => {
  const fit = fitCurve(gpu, points);
  expect(fit.maxPowerError).toBeLessThan(error);
  expect(fit.maxSpeedError).toBeLessThan(error);
});

test("points made from the formula give it back", () => {
  const gpu: GpuModel = { ...v100, minSmClockMhz: 300, maxSmClockMhz: 1500, smClockStepMhz: 100 };
  const points = [300, 700, 1000, 1300, 1500].map((smClockMhz) => {
    const x = smClockMhz / 1500;
    return { smClockMhz, speed: 40 / (0.3 + 0.7 / x), powerWatts: 60 + 140 * x ** 2.5 };
  });
  const fit = fitCurve(gpu, points);
  expect(fit.maxPowerError).toBeLessThan(1e-3);
  expect(fit.maxSpeedError).toBeLessThan(1e-3);
  const half = fit.curve.find(({ smClockMhz }) => smClockMhz === 700)!;
  expect(half.powerWatts).toBeCloseTo(60 + 140 * (7 / 15) ** 2.5, 0);
  expect(half.relativeSpeed).toBeCloseTo(1 / (0.3 + 0.7 * (15 / 7)), 3);
});

test("too few points, or all at one clock, are refused", () => {
  expect(() => fitCurve(v100, matrixMul.slice(0, 2))).toThrow("three points");
  expect(() =>
    fitCurve(
      v100,
      matrixMul.map((point) => ({ ...point, smClockMhz: 900 })),
    ),
  ).toThrow();
});
