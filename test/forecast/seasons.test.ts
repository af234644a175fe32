import { describe, expect, test } from "vitest";
import { createIntensityForecaster, forecastIntensity } from "../../src/forecast/index.ts";
import { dailyErrors, feed, grid, HOUR_MS, mean, START } from "./series.ts";

const learnt = 60 * 24;

/** Mean errors of 7-day stretches after `change` took over from `before`. */
function weeksAfter(before: readonly number[], change: readonly number[], weeks: number) {
  const f = createIntensityForecaster();
  feed(f, before);
  const values = [...before, ...change];
  const { model, persistence } = dailyErrors(f, values, before.length, 7 * weeks);
  const week = (errors: readonly number[], i: number): number => mean(errors.slice(7 * i, 7 * i + 7));
  return Array.from({ length: weeks }, (_, i) => ({
    model: week(model, i),
    persistence: week(persistence, i),
  }));
}

describe("a forecaster", () => {
  test("beats the same hour of the day before, from the second week on", () => {
    const values = grid(40 * 24, 21);
    const f = createIntensityForecaster();
    feed(f, values.slice(0, 24 * 7));
    const { model, persistence } = dailyErrors(f, values, 24 * 7, 30);
    expect(mean(model)).toBeLessThan(0.9 * mean(persistence));
  });

  test("tells the truth about its skill", () => {
    const good = createIntensityForecaster();
    feed(good, grid(learnt, 22));
    expect(forecastIntensity(good, START + learnt * HOUR_MS)!.skill).toBeGreaterThan(0.1);
    const constant = createIntensityForecaster();
    feed(constant, new Array<number>(learnt).fill(300));
    expect(forecastIntensity(constant, START + learnt * HOUR_MS)!.skill).toBeLessThan(0.1);
  });

  test("is back within a week after the clocks were put forward", () => {
    const before = grid(learnt, 23);
    const moved = grid(learnt + 21 * 24, 23, 300, 1).slice(learnt);
    const stayed = weeksAfter(before, grid(learnt + 21 * 24, 23).slice(learnt), 3);
    const shifted = weeksAfter(before, moved, 3);
    expect(shifted[1]!.model).toBeLessThan(1.15 * stayed[1]!.model);
    expect(shifted[2]!.model).toBeLessThan(1.1 * stayed[2]!.model);
  });

  test("follows a plant that halves the intensity for good within days", () => {
    const before = grid(learnt, 24);
    const halved = grid(learnt + 14 * 24, 24, 150).slice(learnt);
    const weeks = weeksAfter(before, halved, 2);
    expect(weeks[0]!.model).toBeLessThan(1.3 * weeks[0]!.persistence);
    expect(weeks[1]!.model).toBeLessThan(weeks[1]!.persistence);
  });

  test("near zero gives small forecasts, not wild ones", () => {
    const values = grid(learnt, 25).map((value, i) => (i % 24 < 12 ? 0 : value / 1000));
    const f = createIntensityForecaster();
    feed(f, values);
    const { point } = forecastIntensity(f, START + learnt * HOUR_MS)!;
    for (const value of point) expect(value).toBeLessThan(2 * Math.max(...values));
  });

  test("whose series begins near zero grows with it", () => {
    const calm = grid(28 * 24, 26, 0.8);
    const dirty = grid(learnt, 26).map((value) => value / 5);
    const f = createIntensityForecaster();
    feed(f, [...calm, ...dirty]);
    const { point } = forecastIntensity(f, START + (calm.length + dirty.length) * HOUR_MS)!;
    expect(mean(Array.from(point)) / mean(dirty.slice(-96))).toBeGreaterThan(0.6);
    expect(mean(Array.from(point)) / mean(dirty.slice(-96))).toBeLessThan(1.6);
  });
});

describe("the intervals", () => {
  test("cover what they claim, for calm and wild hours alike", () => {
    const values = grid(260 * 24, 27).map((value, i) => value * (i % 24 < 6 ? 1 : 1 + 0.2 * Math.sin(i * i)));
    const f = createIntensityForecaster();
    feed(f, values.slice(0, 80 * 24));
    const covered = { calm: [0, 0], wild: [0, 0] };
    for (let issue = 80 * 24; issue + 24 <= values.length; issue += 24) {
      const { levels, values: quantiles } = forecastIntensity(f, START + issue * HOUR_MS, 24)!;
      for (let lead = 0; lead < 24; lead++) {
        const [low, high] = [0.05, 0.95].map((level) => quantiles[levels.indexOf(level)]![lead]!);
        const kind = lead < 6 ? covered.calm : covered.wild;
        kind[0]! += 1;
        if (values[issue + lead]! >= low! && values[issue + lead]! <= high!) kind[1]! += 1;
      }
      feed(f, values.slice(issue, issue + 24), issue);
    }
    for (const [all, within] of Object.values(covered)) {
      expect(within! / all!).toBeGreaterThan(0.84);
      expect(within! / all!).toBeLessThan(0.96);
    }
  });
});
