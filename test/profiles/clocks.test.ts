import fc from "fast-check";
import { expect, test } from "vitest";
import { supportedSmClocksMhz } from "../../src/profiles/index.ts";
import { libraryProfile } from "./profiles-of.ts";

const { gpu } = libraryProfile("resnet50", "a100");
const limit = fc.option(fc.integer({ min: 1, max: 3000 }), { nil: null });

test("without limits all 81 clocks of an A100 are offered", () => {
  const clocks = supportedSmClocksMhz(gpu);
  expect(clocks).toHaveLength(81);
  expect([clocks[0], clocks[1], clocks.at(-1)]).toEqual([210, 225, 1410]);
});

test("limits between two clocks leave those inside", () => {
  expect(supportedSmClocksMhz(gpu, { minSmClockMhz: 1000, maxSmClockMhz: 1030 })).toEqual([1005, 1020]);
});

test("limits that no clock meets leave the nearest supported clock", () => {
  const only = (minSmClockMhz: number | null, maxSmClockMhz: number | null) =>
    supportedSmClocksMhz(gpu, { minSmClockMhz, maxSmClockMhz });
  expect(only(2000, null)).toEqual([1410]);
  expect(only(null, 100)).toEqual([210]);
  expect(only(1006, 1019)).toEqual([1005]);
});

test("clocks are never empty, rise, lie on the grid, and keep limits that can be kept", () => {
  fc.assert(
    fc.property(limit, limit, (minSmClockMhz, maxSmClockMhz) => {
      const clocks = supportedSmClocksMhz(gpu, { minSmClockMhz, maxSmClockMhz });
      expect(clocks.length).toBeGreaterThan(0);
      expect(clocks.every((clock, i) => i === 0 || clock > clocks[i - 1]!)).toBe(true);
      expect(clocks.every((clock) => clock >= 210 && clock <= 1410 && (clock - 210) % 15 === 0)).toBe(true);
      const kept = supportedSmClocksMhz(gpu).filter(
        (clock) => clock >= (minSmClockMhz ?? 0) && clock <= (maxSmClockMhz ?? 9999),
      );
      if (kept.length > 0) expect(clocks).toEqual(kept);
    }),
  );
});
