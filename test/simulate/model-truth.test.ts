import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createModelTruth, supportedSmClocksMhz } from "../../src/simulate/model-truth.ts";
import { trainingProfile } from "./support.ts";

const profile = { ...trainingProfile, cluster: "sim", observedAt: 0 };
const clocks = supportedSmClocksMhz(profile.gpu);

describe("the truth of a model", () => {
  test("a higher clock is never slower and never draws less, whatever the seed and the model error", () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0, 1, 2), (seed, modelError) => {
        const truth = createModelTruth(profile, seed, modelError);
        for (const [i, clock] of clocks.slice(1).entries()) {
          expect(truth.speed(clock)).toBeGreaterThan(truth.speed(clocks[i]!));
          expect(truth.busyPowerWatts(clock)).toBeGreaterThan(truth.busyPowerWatts(clocks[i]!));
        }
        expect(truth.speed(clocks[0]!)).toBeGreaterThan(0);
        expect(truth.busyPowerWatts(clocks[0]!)).toBeGreaterThan(profile.gpu.idlePowerWatts);
      }),
      { numRuns: 30 },
    );
  });

  test("without model error it passes through the measured points", () => {
    const truth = createModelTruth(profile, 7, 0);
    for (const point of profile.curve) {
      expect(truth.speed(point.smClockMhz)).toBeCloseTo(point.relativeSpeed, 9);
      expect(truth.busyPowerWatts(point.smClockMhz)).toBeCloseTo(point.powerWatts, 9);
    }
  });

  test("at model error 1 it lies off the points, by less than a tenth, and differs between models", () => {
    const truth = createModelTruth(profile, 7, 1);
    const other = createModelTruth({ ...profile, model: "bert" }, 7, 1);
    for (const point of profile.curve) {
      const off = truth.speed(point.smClockMhz) / point.relativeSpeed - 1;
      expect(Math.abs(off)).toBeGreaterThan(0.001);
      expect(Math.abs(off)).toBeLessThan(0.1);
      expect(truth.speed(point.smClockMhz)).not.toBeCloseTo(other.speed(point.smClockMhz), 4);
    }
  });
});
