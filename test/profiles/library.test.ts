import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { generateProfileDocs } from "../../scripts/generate-profile-docs.ts";
import {
  busyPowerWatts,
  findProfile,
  leastEnergySmClockMhz,
  profileLibrary,
  relativeSpeed,
  supportedSmClocksMhz,
} from "../../src/profiles/index.ts";
import { libraryProfile } from "./profiles-of.ts";

const named = profileLibrary.map((profile) => [`${profile.model} on ${profile.gpu.model}`, profile] as const);

describe.each(named)("%s", (_name, profile) => {
  const clocks = supportedSmClocksMhz(profile.gpu);

  test("speed and power rise with the clock, from more than idle to at most the power limit", () => {
    for (let i = 1; i < clocks.length; i++) {
      expect(relativeSpeed(profile, clocks[i]!)).toBeGreaterThan(relativeSpeed(profile, clocks[i - 1]!));
      expect(busyPowerWatts(profile, clocks[i]!)).toBeGreaterThanOrEqual(
        busyPowerWatts(profile, clocks[i - 1]!),
      );
    }
    expect(busyPowerWatts(profile, clocks[0]!)).toBeGreaterThan(profile.gpu.idlePowerWatts);
    expect(busyPowerWatts(profile, clocks.at(-1)!)).toBeLessThanOrEqual(profile.gpu.powerLimitWatts);
    expect(relativeSpeed(profile, clocks.at(-1)!)).toBe(1);
  });

  test.each([0, profile.gpu.idlePowerWatts])(
    "energy per unit of work, %d W left out, falls to one least clock inside the grid and then rises",
    (leftOutWatts) => {
      const energy = clocks.map(
        (clock) => (busyPowerWatts(profile, clock) - leftOutWatts) / relativeSpeed(profile, clock),
      );
      const bottom = energy.indexOf(Math.min(...energy));
      expect(bottom).toBeGreaterThan(0);
      expect(bottom).toBeLessThan(clocks.length - 1);
      for (let i = 1; i < energy.length; i++) {
        if (i <= bottom) expect(energy[i]!).toBeLessThan(energy[i - 1]!);
        else expect(energy[i]!).toBeGreaterThan(energy[i - 1]!);
      }
      if (leftOutWatts > 0) expect(leastEnergySmClockMhz(profile)).toBe(clocks[bottom]);
    },
  );

  test("every figure says how it was obtained", () => {
    for (const source of [profile.gpu.source, profile.curveSource, profile.rateSource]) {
      expect(source.length).toBeGreaterThan(10);
    }
  });
});

test("the clock grid of the RTX 4090 is called assumed", () => {
  expect(libraryProfile("resnet50").gpu.evidence).toBe("assumed");
});

test("the clock of least energy stays within the limits", () => {
  const profile = libraryProfile("resnet50");
  const limits = { minSmClockMhz: 1500, maxSmClockMhz: 1800 };
  expect(leastEnergySmClockMhz(profile)).toBeLessThan(1500);
  expect(leastEnergySmClockMhz(profile, limits)).toBe(1500);
});

test("below its first point a curve slows with the clock and keeps its power", () => {
  const profile = { ...libraryProfile("resnet50"), curve: libraryProfile("resnet50").curve.slice(4) };
  const [first] = profile.curve;
  expect(relativeSpeed(profile, first!.smClockMhz / 2)).toBeCloseTo(first!.relativeSpeed / 2, 10);
  expect(busyPowerWatts(profile, first!.smClockMhz / 2)).toBe(first!.powerWatts);
});

test("a model that has no profile is an error that names those there are", () => {
  expect(() => findProfile(profileLibrary, "resnet51", "rtx-4090")).toThrowError(
    expect.objectContaining({
      code: "ERR_PROFILE_UNKNOWN",
      message: expect.stringContaining("resnet50 on rtx-4090"),
    }),
  );
});

test("docs/profiles.md shows the library as it is", () => {
  const page = readFileSync(new URL("../../docs/profiles.md", import.meta.url), "utf8");
  expect(page).toBe(generateProfileDocs());
  for (const [, profile] of named) expect(page).toContain(`| ${profile.model} | ${profile.gpu.model} |`);
});
