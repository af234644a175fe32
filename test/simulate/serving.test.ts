import { describe, expect, test } from "vitest";
import type { RequestRate } from "../../src/records/index.ts";
import { createSimulatedCluster, type Scenario } from "../../src/simulate/index.ts";
import { DAY_MS, HOUR_MS, lockAll, observeGpus, START, scenarioWith, smallScenario } from "./support.ts";

async function dayAt(scenario: Scenario, smClockMhz: number): Promise<RequestRate[]> {
  const cluster = createSimulatedCluster(scenario);
  await lockAll(cluster, smClockMhz);
  cluster.advanceTo(scenario.startsAt + DAY_MS);
  return cluster.takeRequestWindows();
}

const sum = (windows: readonly RequestRate[], field: "arrivals" | "completions" | "overTarget") =>
  windows.reduce((total, window) => total + window[field], 0);

describe("simulated inference", () => {
  test("every request is completed or waiting, in every window and at every load", async () => {
    const scenario = await smallScenario([], { load: "high", modelError: 2 });
    for (const clock of [2730, 210]) {
      const queued = new Map<string, number>();
      const windows = await dayAt(scenario, clock);
      for (const window of windows) {
        const before = queued.get(window.service) ?? 0;
        expect(window.completions).toBe(before + window.arrivals - window.queueDepth);
        expect(
          Math.min(window.completions, window.queueDepth, window.overTarget, ...window.latencyCounts),
        ).toBe(0);
        expect(window.latencyCounts.reduce((total, count) => total + count, 0)).toBe(window.completions);
        expect(window.overTarget).toBeLessThanOrEqual(window.completions);
        queued.set(window.service, window.queueDepth);
      }
      expect(windows).toHaveLength(3 * 2880);
    }
  });

  test("arrivals are the same whatever the clocks, and follow the scenario's rate", async () => {
    const scenario = await smallScenario([], { modelError: 1 });
    const fast = await dayAt(scenario, 2730);
    const slow = await dayAt(scenario, 900);
    expect(slow.map((window) => window.arrivals)).toEqual(fast.map((window) => window.arrivals));
    for (const service of scenario.services) {
      const step = (START - service.ratesStartAt) / service.rateStepMs;
      const rates = service.requestsPerSecond.subarray(step, step + 144);
      const expected = rates.reduce((total, rate) => total + rate * 600, 0);
      const arrived = sum(
        fast.filter((window) => window.service === service.id),
        "arrivals",
      );
      expect(Math.abs(arrived / expected - 1)).toBeLessThan(0.03);
    }
  });

  test("the highest clock keeps the target where the recipe says so; lower clocks make requests later", async () => {
    const scenario = await smallScenario([], { load: "high" });
    let late = 0;
    for (const clock of [2730, 2100, 1500, 900]) {
      const windows = await dayAt(scenario, clock);
      const overTarget = sum(windows, "overTarget");
      expect(overTarget).toBeGreaterThan(late);
      if (clock === 2730) expect(overTarget / sum(windows, "completions")).toBeLessThan(0.01);
      late = overTarget;
    }
  });

  test("requests over target agree with the latency histogram", async () => {
    const scenario = await smallScenario([], { load: "high", modelError: 1 });
    const targets = new Map(scenario.services.map(({ id, spec }) => [id, spec.latencyTargetMs]));
    for (const window of await dayAt(scenario, 1500)) {
      const bucket = Math.floor(Math.log2(targets.get(window.service)!) * 4);
      const above = (from: number) =>
        window.latencyCounts.slice(from).reduce((total, count) => total + count, 0);
      expect(window.overTarget).toBeLessThanOrEqual(above(bucket));
      expect(window.overTarget).toBeGreaterThanOrEqual(above(bucket + 1));
    }
  });

  test("a share far below one request a window shows up in that share of the windows", async () => {
    const windows = await dayAt(await smallScenario([], { modelError: 0 }), 2730);
    const late = sum(windows, "overTarget");
    const withLate = windows.filter((window) => window.overTarget > 0).length;
    expect(late).toBeGreaterThan(0);
    expect(withLate).toBeLessThan(windows.length / 4);
  });

  test("an overloaded service queues, is late throughout, and works the queue off once clocks rise", async () => {
    const scenario = await smallScenario([], { load: "high" });
    // Half of what full batches at the highest clock serve, far more than the lowest can.
    const services = scenario.services.map((service) => {
      const profile = scenario.profiles.find(({ model }) => model === service.spec.model)!;
      const rate = 0.5 * profile.samplesPerSecond * service.spec.gpus;
      return { ...service, requestsPerSecond: service.requestsPerSecond.map(() => rate) };
    });
    const cluster = createSimulatedCluster({ ...scenario, services });
    await lockAll(cluster, 210);
    cluster.advanceTo(START + HOUR_MS);
    const slow = cluster.takeRequestWindows().slice(-3);
    expect(slow.every((window) => window.queueDepth > 100)).toBe(true);
    expect(slow.every((window) => window.overTarget === window.completions)).toBe(true);
    await lockAll(cluster, 2730);
    cluster.advanceTo(START + 4 * HOUR_MS);
    const fast = cluster.takeRequestWindows();
    expect(fast.slice(-3).every((window) => window.queueDepth === 0)).toBe(true);
  });

  test("serving at a lower clock keeps boards busier", async () => {
    const scenario = await smallScenario([], { load: "high" });
    const utilization = async (clock: number) => {
      const cluster = createSimulatedCluster(scenario);
      await lockAll(cluster, clock);
      cluster.advanceTo(START + HOUR_MS);
      return (await observeGpus(cluster))[0]!.utilization;
    };
    expect(await utilization(1500)).toBeGreaterThan((await utilization(2730)) * 1.2);
  });

  test("windows are handed over once, complete and in order", async () => {
    const cluster = createSimulatedCluster(await scenarioWith());
    cluster.advanceTo(START + 45_000);
    const first = cluster.takeRequestWindows();
    expect(first.map((window) => [window.startsAt, window.service])).toEqual([
      [START, "service-1"],
      [START, "service-2"],
      [START, "service-3"],
    ]);
    expect(cluster.takeRequestWindows()).toEqual([]);
    cluster.advanceTo(START + 60_000);
    expect(cluster.takeRequestWindows().every((window) => window.startsAt === START + 30_000)).toBe(true);
  });
});
