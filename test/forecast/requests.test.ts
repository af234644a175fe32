import { describe, expect, test } from "vitest";
import {
  createRequestForecaster,
  decodeRequestForecaster,
  encodeForecaster,
  forecastRequests,
  observeRequests,
  type RequestForecaster,
} from "../../src/forecast/index.ts";
import { DAY_MS, HOUR_MS, mean, normal, START } from "./series.ts";

const MINUTE_MS = 60_000;

/** Requests per second by minute: busy by day, with bursts that last some minutes. */
function arrivals(minutes: number, seed: number): number[] {
  const draw = normal(seed);
  let burst = 0;
  return Array.from({ length: minutes }, (_, i) => {
    burst = 0.9 * burst + 0.12 * draw();
    const day = 1 + 0.6 * Math.sin((2 * Math.PI * (i % 1440)) / 1440);
    return 50 * day * Math.exp(burst + 0.03 * draw());
  });
}

function feed(f: RequestForecaster, rates: readonly number[], from = 0): void {
  rates.forEach((rate, i) => {
    observeRequests(f, START + (from + i) * MINUTE_MS, MINUTE_MS, rate * 60);
  });
}

const days = 10;
const rates = arrivals(days * 1440, 31);
const f = createRequestForecaster();
feed(f, rates);
const end = START + days * DAY_MS;

describe("arrivals of a service", () => {
  test("are unknown before the first window, and known after it", () => {
    const fresh = createRequestForecaster();
    const horizon = { stepMs: MINUTE_MS, steps: 5 };
    expect(forecastRequests(fresh, START, horizon)).toBeUndefined();
    observeRequests(fresh, START, MINUTE_MS, 600);
    expect(forecastRequests(fresh, START + MINUTE_MS, horizon)!.point[0]).toBeCloseTo(10, 0);
  });

  test("of the next minutes lie below the upper quantile as often as it says, bursts included", () => {
    const live = createRequestForecaster();
    feed(live, rates.slice(0, 2880));
    const below = [1, 5].map(() => [0, 0] as [number, number]);
    for (let i = 2880; i + 5 < rates.length; i++) {
      const { levels, values } = forecastRequests(live, START + i * MINUTE_MS, {
        stepMs: MINUTE_MS,
        steps: 5,
      })!;
      const upper = values[levels.indexOf(0.95)]!;
      [1, 5].forEach((lead, k) => {
        below[k]![0] += 1;
        if (rates[i + lead - 1]! <= upper[lead - 1]!) below[k]![1] += 1;
      });
      feed(live, [rates[i]!], i);
    }
    for (const [all, within] of below) {
      expect(within / all).toBeGreaterThan(0.93);
      expect(within / all).toBeLessThan(0.975);
    }
  });

  test("of the next days follow the day", () => {
    const { point } = forecastRequests(f, end, { stepMs: HOUR_MS, steps: 48 })!;
    for (const day of [0, 24]) {
      expect(mean(Array.from(point.slice(day + 3, day + 9)))).toBeGreaterThan(
        2 * mean(Array.from(point.slice(day + 15, day + 21))),
      );
    }
  });

  test("windows that come twice, or late, count once", () => {
    const again = createRequestForecaster();
    rates.slice(0, 3000).forEach((rate, i) => {
      observeRequests(again, START + i * MINUTE_MS, MINUTE_MS, rate * 60);
      observeRequests(again, START + i * MINUTE_MS, MINUTE_MS, rate * 60);
      if (i > 5) observeRequests(again, START + (i - 5) * MINUTE_MS, MINUTE_MS, 1e6);
    });
    const once = createRequestForecaster();
    feed(once, rates.slice(0, 3000));
    expect(Buffer.compare(encodeForecaster(again), encodeForecaster(once))).toBe(0);
  });

  test("a time without windows is a gap, not a time without requests", () => {
    const gap = createRequestForecaster();
    feed(gap, rates.slice(0, 2880));
    feed(gap, rates.slice(3000, 3060), 3000);
    const { point } = forecastRequests(gap, START + 3060 * MINUTE_MS, { stepMs: MINUTE_MS, steps: 5 })!;
    expect(point[0]! / rates[3059]!).toBeGreaterThan(0.5);
  });

  test("no requests are no requests", () => {
    const idle = createRequestForecaster();
    feed(idle, new Array<number>(3000).fill(0));
    const { point, values } = forecastRequests(idle, START + 3000 * MINUTE_MS, {
      stepMs: MINUTE_MS,
      steps: 60,
    })!;
    expect(Math.max(...point)).toBeLessThan(0.01);
    expect(Number.isFinite(Math.max(...values.at(-1)!))).toBe(true);
  });

  test("a forecaster takes at most 32 kB, and goes on after it was stored as if it had not been", () => {
    const bytes = encodeForecaster(f);
    expect(bytes.byteLength).toBeLessThanOrEqual(32_000);
    const restored = decodeRequestForecaster(bytes);
    const horizon = { stepMs: MINUTE_MS, steps: 30 };
    expect(forecastRequests(restored, end, horizon)).toEqual(forecastRequests(f, end, horizon));
  });
});
