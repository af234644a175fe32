import { describe, expect, test } from "vitest";
import { runBatchingQueue } from "../../src/simulate/batching-queue.ts";
import { highestLoadWithin, latencyTableOf } from "../../src/simulate/latency-table.ts";

const batching = { setupMs: 4, marginalMs: 1, maxBatch: 32 };
const table = latencyTableOf(batching, 1);

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("the batching queue", () => {
  test("one request at a time with Poisson arrivals waits as the M/D/1 formula says", () => {
    for (const load of [0.3, 0.6, 0.8]) {
      const queue = { setupShare: 0.5, maxBatch: 1, arrivalRate: load, burst: 0, burstLength: 100 };
      const run = runBatchingQueue(queue, 200_000);
      expect(mean(run.latencies)).toBeCloseTo(1 + load / (2 * (1 - load)), 1);
      expect(run.busyShare).toBeCloseTo(load, 2);
    }
  });

  test("mean latency of batches stays within Inoue's bound (arXiv 1912.06322) and close to it", () => {
    const setup = 0.8;
    const marginal = 0.2;
    for (const rate of [1, 2, 3]) {
      const queue = { setupShare: setup, maxBatch: 1000, arrivalRate: rate, burst: 0, burstLength: 100 };
      const load = rate * marginal;
      const bound0 =
        ((marginal + setup) / (2 * (1 - load))) * (1 + 2 * rate * setup + (1 - rate * setup) / (1 + load));
      const bound1 = (1.5 * setup) / (1 - load) + (marginal * (load + 2)) / (2 * (1 - load * load));
      const bound = Math.min(bound0, bound1);
      const latency = mean(runBatchingQueue(queue, 100_000).latencies);
      expect(latency).toBeLessThan(bound * 1.01);
      expect(latency).toBeGreaterThan(bound * 0.92);
    }
  });

  test("bursts lengthen the tail at the same mean rate", () => {
    const queue = { setupShare: 0.8, maxBatch: 32, arrivalRate: 1, burst: 0, burstLength: 400 };
    const slow = (burst: number) =>
      runBatchingQueue({ ...queue, burst }, 100_000).latencies.filter((latency) => latency > 2.5).length;
    expect(slow(0.5)).toBeGreaterThan(slow(0) * 1.2);
  });
});

describe("the latency table", () => {
  test("more load never means fewer late requests or idler servers", () => {
    for (let load = 0; load < 0.98; load += 0.01) {
      for (const latency of [1.1, 1.5, 2, 3, 5, 10]) {
        expect(table.shareAtLeast(load + 0.01, latency)).toBeGreaterThanOrEqual(
          table.shareAtLeast(load, latency),
        );
      }
      expect(table.busyShare(load + 0.01)).toBeGreaterThanOrEqual(table.busyShare(load));
    }
  });

  test("an idle server serves in the time of one request, and a full one is always busy", () => {
    expect(table.shareAtLeast(0, 1.2)).toBe(0);
    expect(table.shareAtLeast(0, 1)).toBe(1);
    expect(table.busyShare(0)).toBe(0);
    expect(table.busyShare(1)).toBe(1);
  });

  test("the highest load within a target is the load at which the quantile meets it", () => {
    const load = highestLoadWithin(table, 0.99, 2);
    expect(table.shareAtLeast(load * 0.98, 2)).toBeLessThanOrEqual(0.01);
    expect(table.shareAtLeast(load * 1.02, 2)).toBeGreaterThan(0.01);
    expect(highestLoadWithin(table, 0.99, 3)).toBeGreaterThan(load);
  });
});
