import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { forecastIntensity, type IntensityForecaster, observeIntensity } from "../../src/forecast/index.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** A Monday. */
export const START = Date.UTC(2022, 0, 3);

/** Draws from (0, 1), the same for the same seed. */
export function uniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

/** Draws from the standard normal distribution, the same for the same seed. */
export function normal(seed: number): () => number {
  const draw = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

/**
 * A made-up grid, g/kWh by hour: solar at noon, a peak in the evening, cleaner weekends, and weather that lasts for
 * about a day. `phaseHours` moves the day.
 */
export function grid(hours: number, seed: number, level = 300, phaseHours = 0): number[] {
  const draw = normal(seed);
  let weather = 0;
  return Array.from({ length: hours }, (_, i) => {
    weather = 0.96 * weather + 0.04 * draw();
    const h = (i + phaseHours) % 24;
    const solar = -0.35 * Math.max(0, Math.sin(((h - 6) / 12) * Math.PI));
    const evening = 0.15 * Math.exp(-((h - 19) ** 2) / 6);
    const weekend = Math.floor(i / 24) % 7 >= 5 ? -0.08 : 0;
    return level * Math.exp(solar + evening + weekend + 1.2 * weather + 0.01 * draw());
  });
}

/** Feeds hours one after the other, from hour `from` of `START` on. */
export function feed(f: IntensityForecaster, values: readonly number[], from = 0): void {
  values.forEach((value, i) => {
    observeIntensity(f, START + (from + i) * HOUR_MS, value);
  });
}

/** Mean absolute error of the points of one forecast a day over `days`, and of the same hour a day before. */
export function dailyErrors(
  f: IntensityForecaster,
  values: readonly number[],
  from: number,
  days: number,
): { model: number[]; persistence: number[] } {
  const model: number[] = [];
  const persistence: number[] = [];
  for (let day = 0; day < days; day++) {
    const issue = from + 24 * day;
    const { point } = forecastIntensity(f, START + issue * HOUR_MS, 24)!;
    const actual = values.slice(issue, issue + 24);
    model.push(meanAbsolute(actual.map((value, i) => value - point[i]!)));
    persistence.push(meanAbsolute(actual.map((value, i) => value - values[issue - 24 + i]!)));
    feed(f, actual, issue);
  }
  return { model, persistence };
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

export function meanAbsolute(values: readonly number[]): number {
  return mean(values.map(Math.abs));
}
