import { describe, expect, test } from "vitest";
import {
  createIntensityForecaster,
  encodeForecaster,
  forecastIntensity,
  type IntensityForecaster,
  observeIntensity,
} from "../../src/forecast/index.ts";
import { feed, grid, HOUR_MS, mean, meanAbsolute, START, uniform } from "./series.ts";

const hours = 40 * 24;
const values = grid(hours + 96, 11);
const issuedAt = START + hours * HOUR_MS;

function taught(spoil: (value: number, hour: number) => number | undefined = (value) => value) {
  const f = createIntensityForecaster();
  for (let hour = 0; hour < hours; hour++) {
    const value = spoil(values[hour]!, hour);
    if (value !== undefined) observeIntensity(f, START + hour * HOUR_MS, value);
  }
  return f;
}

const clean = taught();

function point(f: IntensityForecaster, at = issuedAt): number[] {
  return Array.from(forecastIntensity(f, at)!.point);
}

function error(f: IntensityForecaster): number {
  return meanAbsolute(point(f).map((value, i) => value - values[hours + i]!));
}

function width(f: IntensityForecaster, at = issuedAt): number {
  const { levels, values: quantiles } = forecastIntensity(f, at, 24)!;
  const [low, high] = [0.05, 0.95].map((level) => mean(Array.from(quantiles[levels.indexOf(level)]!)));
  return high! - low!;
}

function bytes(f: IntensityForecaster): Buffer {
  return Buffer.from(encodeForecaster(f));
}

describe("dirty input", () => {
  test("a value that can't be is as if it had not come", () => {
    for (const nonsense of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      const f = taught();
      observeIntensity(f, issuedAt, nonsense);
      observeIntensity(f, Number.NaN, 100);
      expect(bytes(f).equals(bytes(clean))).toBe(true);
    }
  });

  test("the same hour with the same value again changes no forecast", () => {
    const f = taught();
    for (const age of [1, 2, 50]) observeIntensity(f, issuedAt - age * HOUR_MS, values[hours - age]!);
    expect(point(f)).toEqual(point(clean));
  });

  test("a revision replaces the hour that was wrong", () => {
    const wrong = taught((value, hour) => (hour >= hours - 6 ? 1.3 * value : value));
    const before = point(wrong);
    for (let hour = hours - 6; hour < hours; hour++) {
      observeIntensity(wrong, START + hour * HOUR_MS, values[hour]!);
    }
    const gap = (forecast: number[]) => meanAbsolute(forecast.map((value, i) => value - point(clean)[i]!));
    expect(gap(point(wrong))).toBeLessThan(0.1 * gap(before));
  });

  test("hours out of order come to nearly the same as in order", () => {
    const swapped = createIntensityForecaster();
    for (let hour = 0; hour < hours; hour += 2) {
      observeIntensity(swapped, START + (hour + 1) * HOUR_MS, values[hour + 1]!);
      observeIntensity(swapped, START + hour * HOUR_MS, values[hour]!);
    }
    expect(error(swapped)).toBeLessThan(1.3 * error(clean));
  });

  test("a single zero or spike moves the forecast no more than a missing hour does", () => {
    const missing = taught((value, hour) => (hour === hours - 1 ? undefined : value));
    for (const factor of [0, 10]) {
      const spoilt = taught((value, hour) => (hour === hours - 1 ? factor * value : value));
      point(spoilt).forEach((value, i) => {
        expect(value).toBeGreaterThan(0.9 * point(missing)[i]!);
        expect(value).toBeLessThan(1.1 * point(missing)[i]!);
      });
    }
  });

  test("an outage of two hours at zero is not believed either", () => {
    const spoilt = taught((value, hour) => (hour === hours - 12 || hour === hours - 11 ? 0 : value));
    expect(error(spoilt)).toBeLessThan(1.1 * error(clean));
  });

  test("a change that stays is believed within hours", () => {
    const f = taught();
    for (let i = 0; i < 12; i++) observeIntensity(f, issuedAt + i * HOUR_MS, 3 * values[hours + i]!);
    const next = forecastIntensity(f, issuedAt + 12 * HOUR_MS, 6)!.point;
    next.forEach((value, i) => {
      expect(value / values[hours + 12 + i]!).toBeGreaterThan(1.5);
    });
  });

  test("5 % of the hours missing cost little", () => {
    expect(error(taught((value, hour) => (hour % 20 === 7 ? undefined : value)))).toBeLessThan(
      1.1 * error(clean),
    );
  });

  test("a silent day makes the intervals wider, and the forecast still covers the time asked for", () => {
    const later = issuedAt + 24 * HOUR_MS;
    const forecast = forecastIntensity(clean, later)!;
    expect(forecast.startsAt).toBe(later);
    expect(forecast.point).toHaveLength(96);
    expect(width(clean, later)).toBeGreaterThan(1.05 * width(clean));
    expect(width(clean, issuedAt + 30 * 24 * HOUR_MS)).toBeGreaterThan(width(clean, later));
  });

  test("gaps and spikes in a young series never lead to forecasts beyond what was seen", () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const draw = uniform(seed);
      const young = createIntensityForecaster();
      const steady = grid(40 * 24, seed, 700).map((value) => 700 + 0.1 * (value - 700));
      steady.forEach((value, hour) => {
        const kind = draw();
        if (kind < 0.15) return;
        observeIntensity(young, START + hour * HOUR_MS, kind < 0.17 ? 0 : kind < 0.19 ? 10 * value : value);
        const { point: next } = forecastIntensity(young, START + (hour + 1) * HOUR_MS)!;
        for (const forecast of next) expect(forecast).toBeLessThan(20 * 700);
      });
      expect(mean(point(young, START + steady.length * HOUR_MS)) / 700).toBeCloseTo(1, 0);
    }
  });

  test("after a silence of any length the feed is taken up again", () => {
    for (const days of [1, 20, 400]) {
      const f = taught();
      const resumed = hours + days * 24;
      feed(f, values.slice(0, 48), resumed);
      const forecast = point(f, START + (resumed + 48) * HOUR_MS);
      expect(meanAbsolute(forecast.slice(0, 24).map((value, i) => value - values[48 + i]!))).toBeLessThan(
        0.2 * mean(values),
      );
    }
  });
});
