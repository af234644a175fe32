import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accountOf,
  emptyHour,
  energyBetweenJoules,
  HOUR_MS,
  splitByHour,
  stateHour,
} from "../../src/ledger/index.ts";

const conditions = {
  cluster: "c",
  startsAt: 0,
  statedAt: HOUR_MS,
  pue: 1.2,
  gco2PerKwh: 400,
  intensityKind: "measured" as const,
  onSiteWatts: 0,
};

describe("ledger", () => {
  it("a counter that fell was reset: what it shows has been used since", () => {
    expect(energyBetweenJoules(5_000_000, 6_000_000)).toBe(1000);
    expect(energyBetweenJoules(5_000_000, 2_000_000)).toBe(2000);
  });

  it("energy split at full hours adds up to what was used", () => {
    fc.assert(
      fc.property(
        fc.nat(1e9),
        fc.nat(5 * HOUR_MS),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (from, length, joules) => {
          const parts = splitByHour(from, from + length, joules);
          const total = parts.reduce((sum, part) => sum + part.amount, 0);
          expect(Math.abs(total - joules)).toBeLessThanOrEqual(1e-9 * Math.max(1, joules));
        },
      ),
    );
  });

  it("grams are energy times PUE times intensity", () => {
    const hour = emptyHour();
    accountOf(hour, "job", "a").energyJoules = 3_600_000;
    const [entry] = stateHour(hour, conditions);
    expect(entry).toMatchObject({ energyKwh: 1, revision: 0, final: true });
    expect(entry!.gco2).toBeCloseTo(480, 9);
  });

  it("on-site supply is taken off in proportion to energy, and never below nothing", () => {
    const hour = emptyHour();
    accountOf(hour, "job", "a").energyJoules = 2 * 3_600_000;
    accountOf(hour, "service", "b").energyJoules = 1 * 3_600_000;
    const halved = stateHour(hour, { ...conditions, onSiteWatts: 1800 });
    expect(halved.map((entry) => entry.gco2)).toEqual([expect.closeTo(480, 6), expect.closeTo(240, 6)]);
    const covered = stateHour(hour, { ...conditions, onSiteWatts: 10_000 });
    expect(covered.map((entry) => entry.gco2)).toEqual([0, 0]);
  });

  it("an hour stated again has the next revision, and is final once its intensity is measured", () => {
    const hour = emptyHour();
    accountOf(hour, "idle", "").energyJoules = 3_600_000;
    const [first] = stateHour(hour, { ...conditions, intensityKind: "forecast" });
    const [second] = stateHour(hour, conditions);
    expect([first!.revision, first!.final, second!.revision, second!.final]).toEqual([0, false, 1, true]);
  });
});
