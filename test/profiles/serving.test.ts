import fc from "fast-check";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, test } from "vitest";
import {
  busyPowerWatts,
  busyShare,
  latencyQuantileMs,
  maxRequestsPerSecondPerGpu,
  servingPowerWatts,
  shareOverTarget,
} from "../../src/profiles/index.ts";
import type { Batching } from "../../src/records/index.ts";
import { libraryProfile, servingProfile } from "./profiles-of.ts";

const top = 2730;
const capacityOf = (b: Batching) => (1000 * b.maxBatch) / (b.setupMs + b.maxBatch * b.marginalMs);

const batching = fc.record<Batching>({
  setupMs: fc.double({ min: 0, max: 100, noNaN: true }),
  marginalMs: fc.double({ min: 0.5, max: 10, noNaN: true }),
  maxBatch: fc.integer({ min: 1, max: 200 }),
});
const share = fc.double({ min: 0, max: 1, noNaN: true });
const clock = fc.integer({ min: 0, max: 168 }).map((i) => 210 + 15 * i);
const targetFactor = fc.double({ min: 0.5, max: 20, noNaN: true });

describe("the predicted share over target", () => {
  test("is a share, falls with the clock and the target, and rises with the rate", () => {
    fc.assert(
      fc.property(batching, share, share, clock, clock, targetFactor, (b, low, more, c1, c2, factor) => {
        const profile = servingProfile(b);
        const targetMs = factor * (b.setupMs + b.marginalMs);
        const at = (rate: number, smClockMhz: number, target = targetMs) =>
          shareOverTarget(profile, { requestsPerSecondPerGpu: rate, smClockMhz, targetMs: target });
        const [slow, fast] = [Math.min(c1, c2), Math.max(c1, c2)];
        const rate = low * capacityOf(b);
        const higher = rate + more * capacityOf(b);
        const value = at(rate, slow);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(at(rate, fast)).toBeLessThanOrEqual(value + 1e-12);
        expect(at(higher, slow)).toBeGreaterThanOrEqual(value - 1e-12);
        expect(at(rate, slow, targetMs * 1.5)).toBeLessThanOrEqual(value + 1e-12);
      }),
      { numRuns: 2000 },
    );
  });

  test("changes little with a small change of the rate", () => {
    fc.assert(
      fc.property(batching, share, clock, (b, load, smClockMhz) => {
        const profile = servingProfile(b);
        const targetMs = 6 * (b.setupMs + b.marginalMs) * (top / smClockMhz);
        const at = (l: number) =>
          shareOverTarget(profile, { requestsPerSecondPerGpu: l * capacityOf(b), smClockMhz, targetMs });
        expect(at(load + 1e-4) - at(load)).toBeLessThan(0.05);
      }),
      { numRuns: 1000 },
    );
  });

  test("agrees with the quantile: the share slower than the 99 % latency is 1 %", () => {
    fc.assert(
      fc.property(batching, fc.double({ min: 0.3, max: 0.99, noNaN: true }), (b, load) => {
        const profile = servingProfile(b);
        const point = { requestsPerSecondPerGpu: load * capacityOf(b), smClockMhz: top };
        const targetMs = latencyQuantileMs(profile, { ...point, quantile: 0.99 });
        expect(shareOverTarget(profile, { ...point, targetMs })).toBeCloseTo(0.01, 6);
      }),
    );
  });
});

test("an idle GPU answers in the time of one request, and an overloaded one never", () => {
  const profile = servingProfile({ setupMs: 8, marginalMs: 2, maxBatch: 8 });
  const at = (requestsPerSecondPerGpu: number) =>
    latencyQuantileMs(profile, { requestsPerSecondPerGpu, smClockMhz: top, quantile: 0.99 });
  expect(at(0)).toBe(10);
  expect(at(333)).toBeGreaterThan(100);
  expect(at(334)).toBe(Number.POSITIVE_INFINITY);
});

test("busy share and power rise with the rate, from idle to always busy", () => {
  const profile = libraryProfile("bert-encode");
  const capacity = capacityOf(profile.batching!);
  const rates = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.2].map((load) => load * capacity);
  const points = rates.map((rate) => ({ requestsPerSecondPerGpu: rate, smClockMhz: top }));
  const busy = points.map((point) => busyShare(profile, point));
  const watts = points.map((point) => servingPowerWatts(profile, point));
  expect(busy).toEqual(busy.toSorted((a, b) => a - b));
  expect([busy[0], busy.at(-1)]).toEqual([0, 1]);
  expect([watts[0], watts.at(-1)]).toEqual([20, busyPowerWatts(profile, top)]);
  expect(watts).toEqual(watts.toSorted((a, b) => a - b));
});

test("at the highest rate within the target the share over it is just allowed", () => {
  const profile = libraryProfile("resnet50-vision");
  const goal = { smClockMhz: 2010, quantile: 0.99, targetMs: 30 };
  const rate = maxRequestsPerSecondPerGpu(profile, goal);
  const at = (requestsPerSecondPerGpu: number) =>
    shareOverTarget(profile, { ...goal, requestsPerSecondPerGpu });
  expect(at(rate)).toBeLessThanOrEqual(0.01);
  expect(at(rate * 1.001)).toBeGreaterThan(0.01);
  expect(maxRequestsPerSecondPerGpu(profile, { ...goal, targetMs: 1 })).toBe(0);
});

test("a training profile has no latency", () => {
  const point = { requestsPerSecondPerGpu: 1, smClockMhz: top };
  expect(() => busyShare(libraryProfile("resnet50"), point)).toThrowError(
    expect.objectContaining({ code: "ERR_PROFILE_UNKNOWN" }),
  );
});

/** Mean latency from the tail: the integral of the share over t. */
function meanLatencyMs(b: Batching, perSecond: number): number {
  const profile = servingProfile(b);
  const step = (b.setupMs + b.marginalMs) / 200;
  let sum = 0;
  for (let t = step / 2; ; t += step) {
    const tail = shareOverTarget(profile, {
      requestsPerSecondPerGpu: perSecond,
      smClockMhz: top,
      targetMs: t,
    });
    if (tail < 1e-5) return sum;
    sum += tail * step;
  }
}

test.each([0.1, 0.3, 0.5, 0.7, 0.85])(
  "mean latency at load %d keeps Inoue's bound for large batches and comes near it (arXiv 1912.06322)",
  (load) => {
    const b = { setupMs: 15, marginalMs: 1, maxBatch: 128 };
    const [alpha, tau0, lambda] = [b.marginalMs, b.setupMs, load / b.marginalMs];
    const phi0 =
      ((alpha + tau0) / (2 * (1 - lambda * alpha))) *
      (1 + 2 * lambda * tau0 + (1 - lambda * tau0) / (1 + lambda * alpha));
    const phi1 =
      (1.5 * tau0) / (1 - lambda * alpha) +
      (alpha * (lambda * alpha + 2)) / (2 * (1 - lambda ** 2 * alpha ** 2));
    const bound = Math.min(phi0, phi1);
    const mean = meanLatencyMs(b, 1000 * lambda);
    expect(mean / bound).toBeLessThan(1.05);
    expect(mean / bound).toBeGreaterThan(0.9);
  },
);

/** Latencies of a batch queue, ms, and its busy share. */
function simulate(b: Batching, perSecond: number): { latencies: Float64Array; busy: number } {
  const random = xoroshiro128plus(7);
  const arrivals = new Float64Array(200_000);
  let now = 0;
  for (let i = 0; i < arrivals.length; i++) {
    now -= (1000 / perSecond) * Math.log(1 - uniformFloat64(random));
    arrivals[i] = now;
  }
  const latencies = new Float64Array(arrivals.length);
  let free = 0;
  let busy = 0;
  for (let next = 0; next < arrivals.length; ) {
    const start = Math.max(free, arrivals[next]!);
    let end = next;
    while (end < arrivals.length && end - next < b.maxBatch && arrivals[end]! <= start) end++;
    free = start + b.setupMs + (end - next) * b.marginalMs;
    busy += free - start;
    for (; next < end; next++) latencies[next] = free - arrivals[next]!;
  }
  return { latencies: latencies.sort(), busy: busy / free };
}

const offTheTable: readonly (readonly [setupMs: number, maxBatch: number, load: number])[] = [
  [0.4, 3, 0.55],
  [5, 11, 0.35],
  [10, 24, 0.15],
  [10, 24, 0.75],
  [40, 16, 0.6],
  [25, 90, 0.45],
];

test.each(offTheTable)(
  "between tabulated points (setup %d, batch %d, load %d) it agrees with a simulation",
  (setupMs, maxBatch, load) => {
    const b = { setupMs, marginalMs: 1, maxBatch };
    const perSecond = load * capacityOf(b);
    const { latencies, busy } = simulate(b, perSecond);
    const point = { requestsPerSecondPerGpu: perSecond, smClockMhz: top };
    expect(Math.abs(busyShare(servingProfile(b), point) - busy)).toBeLessThan(0.03);
    for (const quantile of [0.5, 0.9, 0.99]) {
      const simulated = latencies[Math.floor(quantile * latencies.length)]!;
      const predicted = latencyQuantileMs(servingProfile(b), { ...point, quantile });
      expect(Math.abs(predicted / simulated - 1)).toBeLessThan(0.1);
    }
  },
);
