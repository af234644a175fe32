import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createIntensityForecaster,
  decodeIntensityForecaster,
  encodeForecaster,
  FORECAST_HOURS,
  forecastIntensity,
  forecastIntervals,
  type IntensityForecaster,
  type IssuedForecast,
  observeIntensity,
} from "../../src/forecast/index.ts";
import { feed, grid, HOUR_MS, START } from "./series.ts";

/** What a feed may bring: some time, some length, and a value that may be nonsense. */
const interval = fc.record({
  at: fc.oneof(fc.integer({ min: -5, max: 400 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
  durationMs: fc.constantFrom(300_000, 900_000, 1_800_000, HOUR_MS, 2 * HOUR_MS, 0, -1, Number.NaN),
  value: fc.oneof(
    fc.double({ min: 0, max: 1000, noNaN: true }),
    fc.constantFrom(0, -1, 1e-320, 1e12, Number.MAX_VALUE, Number.NaN, Number.NEGATIVE_INFINITY),
  ),
});

function expectSound(forecast: IssuedForecast): void {
  const { levels, values, point, weights } = forecast;
  for (let i = 0; i < point.length; i++) {
    expect(point[i]).toBeGreaterThanOrEqual(0);
    expect(point[i]).toBeLessThan(Number.POSITIVE_INFINITY);
    for (let q = 0; q < levels.length; q++) {
      expect(values[q]![i]).toBeGreaterThanOrEqual(q === 0 ? 0 : values[q - 1]![i]!);
      expect(values[q]![i]).toBeLessThan(Number.POSITIVE_INFINITY);
    }
  }
  expect(Number.isFinite(forecast.skill)).toBe(true);
  expect(weights.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
}

describe("a forecast, whatever the feed brought", () => {
  test("is finite, not negative, and its quantiles rise; at any issue time and resolution", () => {
    fc.assert(
      fc.property(
        fc.array(interval, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: -48, max: 900 }),
        fc.constantFrom(300_000, 900_000, HOUR_MS),
        (intervals, issuedAfter, stepMs) => {
          const f = createIntensityForecaster();
          for (const { at, durationMs, value } of intervals) {
            observeIntensity(f, START + Math.floor(at * HOUR_MS), value, durationMs);
          }
          const forecast = forecastIntervals(f, START + issuedAfter * HOUR_MS, { stepMs, steps: 30 });
          if (forecast !== undefined) expectSound(forecast);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("is there from the first value on, and for the whole horizon", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2000, noNaN: true }), (value) => {
        const f = createIntensityForecaster();
        expect(forecastIntensity(f, START)).toBeUndefined();
        observeIntensity(f, START, value);
        const forecast = forecastIntensity(f, START + HOUR_MS)!;
        expect(forecast.point).toHaveLength(FORECAST_HOURS);
        expect(forecast.startsAt).toBe(START + HOUR_MS);
        expectSound(forecast);
        expect(forecast.values[forecast.levels.indexOf(0.5)]![0]).toBeCloseTo(value, -1);
      }),
      { numRuns: 20 },
    );
  });

  test("does not change by being made", () => {
    const f = createIntensityForecaster();
    feed(f, grid(300, 1));
    const first = forecastIntensity(f, START + 300 * HOUR_MS);
    forecastIntensity(f, START + 400 * HOUR_MS);
    expect(forecastIntensity(f, START + 300 * HOUR_MS)).toEqual(first);
  });
});

describe("a stored forecaster", () => {
  test("goes on bit for bit as if it had not been stored, whenever that happens", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 0, max: 60 }),
        fc.constantFrom(900_000, HOUR_MS),
        (before, after, durationMs) => {
          const values = grid(before + after, 7);
          const kept = createIntensityForecaster();
          observeAll(kept, values.slice(0, before), 0, durationMs);
          const restored = decodeIntensityForecaster(encodeForecaster(kept));
          for (const f of [kept, restored]) observeAll(f, values.slice(before), before, durationMs);
          expect(Buffer.compare(encodeForecaster(kept), encodeForecaster(restored))).toBe(0);
          const at = START + (before + after) * durationMs;
          expect(forecastIntensity(restored, at)).toEqual(forecastIntensity(kept, at));
        },
      ),
      { numRuns: 15 },
    );
  });

  test("takes the same bytes at any age, no more than 120 kB", () => {
    const f = createIntensityForecaster();
    const empty = encodeForecaster(f).byteLength;
    feed(f, grid(2000, 3));
    expect(encodeForecaster(f).byteLength).toBe(empty);
    expect(empty).toBeLessThanOrEqual(120_000);
  });

  test("of another version teaches the new model what it remembers", () => {
    const values = grid(60 * 24, 5);
    const old = createIntensityForecaster();
    feed(old, values);
    const bytes = encodeForecaster(old);
    new DataView(bytes.buffer).setUint32(8, 999);
    const heir = decodeIntensityForecaster(bytes);
    const at = START + values.length * HOUR_MS;
    const expected = forecastIntensity(old, at)!.point;
    forecastIntensity(heir, at)!.point.forEach((value, i) => {
      expect(value / expected[i]!).toBeCloseTo(1, 1);
    });
  });

  test("that was damaged, or is of another kind, is refused with a code", () => {
    const bytes = encodeForecaster(createIntensityForecaster());
    const flipped = bytes.slice();
    flipped[5000]! ^= 1;
    const otherKind = bytes.slice();
    new DataView(otherKind.buffer).setUint32(4, 2);
    for (const broken of [flipped, otherKind, bytes.slice(0, 8), bytes.slice(0, -4), new Uint8Array(64)]) {
      expect(() => decodeIntensityForecaster(broken)).toThrow(
        expect.objectContaining({ code: "ERR_STATE_CORRUPT" }),
      );
    }
  });
});

function observeAll(
  f: IntensityForecaster,
  values: readonly number[],
  from: number,
  durationMs: number,
): void {
  values.forEach((value, i) => {
    observeIntensity(f, START + (from + i) * durationMs, value, durationMs);
  });
}
