import fc from "fast-check";
import { expect, test } from "vitest";
import {
  efficientTrainingOptions,
  leastEnergySmClockMhz,
  samplesPerSecond,
  type TrainingOption,
  trainingOptions,
} from "../../src/profiles/index.ts";
import { libraryProfile } from "./profiles-of.ts";

const profile = libraryProfile("resnet50", "a100");

test("throughput at the top clock is the measured one, and between worker counts in between", () => {
  expect(samplesPerSecond(profile, 1, 1410)).toBe(472);
  expect(samplesPerSecond(profile, 4, 1410)).toBeCloseTo(472 * 3.36, 6);
  expect(samplesPerSecond(profile, 3, 1410)).toBeCloseTo(472 * (1.87 + 3.36) * 0.5, 6);
});

test("workers beyond the last known count add nothing", () => {
  expect(samplesPerSecond(profile, 16, 1410)).toBe(samplesPerSecond(profile, 8, 1410));
});

test("options have every worker count, no clock below the least energy, and the top clock", () => {
  const options = trainingOptions(profile, { minWorkers: 2, maxWorkers: 4 });
  expect(new Set(options.map(({ workers }) => workers))).toEqual(new Set([2, 3, 4]));
  const clocks = options.filter(({ workers }) => workers === 3).map(({ smClockMhz }) => smClockMhz);
  expect(clocks.length).toBeLessThanOrEqual(12);
  expect(clocks[0]).toBe(leastEnergySmClockMhz(profile));
  expect(clocks.at(-1)).toBe(1410);
});

test("limits below the clock of least energy leave one clock: the highest that they allow", () => {
  const limits = { minSmClockMhz: null, maxSmClockMhz: 400 };
  const options = trainingOptions(profile, { minWorkers: 1, maxWorkers: 1, limits });
  expect(options.map(({ smClockMhz }) => smClockMhz)).toEqual([390]);
});

const option = fc.record<TrainingOption>({
  workers: fc.constant(1),
  smClockMhz: fc.constant(1000),
  samplesPerSecond: fc.double({ min: 0.1, max: 100, noNaN: true }),
  powerWatts: fc.double({ min: 0.1, max: 100, noNaN: true }),
});

test("no option beats a mix of its neighbours among the efficient ones", () => {
  fc.assert(
    fc.property(fc.array(option, { minLength: 1, maxLength: 12 }), (options) => {
      const efficient = efficientTrainingOptions(options);
      const top = Math.max(...options.map((o) => o.samplesPerSecond));
      expect(efficient.at(-1)!.samplesPerSecond).toBe(top);
      const points = [{ samplesPerSecond: 0, powerWatts: 0 }, ...efficient];
      for (const { samplesPerSecond: rate, powerWatts } of options) {
        const upper = points.findIndex((point) => point.samplesPerSecond >= rate);
        const [a, b] = [points[upper - 1]!, points[upper]!];
        const share = (rate - a.samplesPerSecond) / (b.samplesPerSecond - a.samplesPerSecond);
        const mixed = a.powerWatts + share * (b.powerWatts - a.powerWatts);
        expect(mixed).toBeLessThanOrEqual(powerWatts * (1 + 1e-9));
      }
    }),
  );
});

test("the energy of a sample rises along the efficient options", () => {
  const efficient = efficientTrainingOptions(trainingOptions(profile, { minWorkers: 1, maxWorkers: 8 }));
  const energy = efficient.map((o) => o.powerWatts / o.samplesPerSecond);
  expect(efficient.length).toBeGreaterThan(5);
  expect(energy).toEqual(energy.toSorted((a, b) => a - b));
});
