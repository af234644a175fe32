import { describe, expect, test } from "vitest";
import { buildScenario, createSimulatedCluster, type ScenarioOptions } from "../../src/simulate/index.ts";
import {
  DAY_MS,
  HOUR_MS,
  options,
  profileLibrary,
  runAsRequested,
  START,
  scenarioWith,
  traces,
} from "./support.ts";

const variants: Partial<ScenarioOptions>[] = [
  {},
  { slack: 1, seed: 2 },
  { slack: 3, seed: 3, load: "high" },
  { days: 7, seed: 4 },
  { days: 1, gpus: 8, seed: 5 },
  { gpus: 64, seed: 6, startsAt: START + 5 * HOUR_MS },
];

describe("the scenario's recipe", () => {
  test("the same options give the same scenario, another seed another", async () => {
    expect(await scenarioWith()).toEqual(await scenarioWith());
    expect((await scenarioWith({ seed: 2 })).jobs).not.toEqual((await scenarioWith()).jobs);
  });

  test("pools: three equal services, training the rest", async () => {
    const pools = async (gpus: number) =>
      (await scenarioWith({ gpus })).cluster.pools.map((pool) => [pool.purpose, pool.gpus]);
    expect(await pools(32)).toEqual([
      ["inference", 12],
      ["training", 20],
    ]);
    expect(await pools(4)).toEqual([
      ["inference", 3],
      ["training", 1],
    ]);
  });

  test("jobs: in proportion to days and GPUs, half resizable, 70 % pausable, all sizes", async () => {
    const { jobs } = await scenarioWith();
    expect(jobs).toHaveLength(40);
    expect(jobs.filter(({ spec }) => spec.resizable)).toHaveLength(20);
    expect(jobs.filter(({ spec }) => spec.pausable)).toHaveLength(28);
    for (const size of [1, 2, 4, 8]) {
      expect(jobs.filter(({ spec }) => spec.requestedWorkers === size)).toHaveLength(10);
    }
    expect((await scenarioWith({ days: 6, gpus: 16 })).jobs).toHaveLength(40);
    expect((await scenarioWith({ days: 1, gpus: 4 })).jobs).toHaveLength(2);
  });

  test.each(variants)("jobs fit into the run and the pool: %o", async (changed) => {
    const { jobs, startsAt, endsAt, cluster } = await scenarioWith(changed);
    const pool = cluster.pools.find(({ purpose }) => purpose === "training")!;
    const slack = changed.slack ?? options.slack;
    let gpuMs = 0;
    for (const { spec, submittedAt } of jobs) {
      const durationMs = (spec.deadlineAt! - submittedAt) / slack;
      gpuMs += durationMs * spec.requestedWorkers;
      expect(submittedAt).toBeGreaterThanOrEqual(startsAt);
      expect(spec.deadlineAt!).toBeLessThanOrEqual(endsAt - 2 * HOUR_MS);
      expect(durationMs).toBeGreaterThanOrEqual(HOUR_MS / 2 - 1);
      expect(spec.maxWorkers).toBeLessThanOrEqual(Math.min(8, pool.gpus, 2 * spec.requestedWorkers));
      expect(spec.minWorkers).toBe(spec.resizable ? 1 : spec.requestedWorkers);
      if (!spec.resizable) expect(spec.maxWorkers).toBe(spec.requestedWorkers);
      expect(spec.samples).toBeGreaterThan(0);
    }
    expect(gpuMs / (pool.gpus * (endsAt - startsAt))).toBeLessThanOrEqual(0.55);
    for (const { submittedAt: now } of jobs) {
      const running = jobs.filter(
        ({ submittedAt, spec }) =>
          submittedAt <= now && now < submittedAt + (spec.deadlineAt! - submittedAt) / slack,
      );
      const busy = running.reduce((sum, { spec }) => sum + spec.requestedWorkers, 0);
      expect(busy).toBeLessThanOrEqual(pool.gpus);
    }
    expect(jobs).toEqual(jobs.toSorted((a, b) => a.submittedAt - b.submittedAt));
  });

  test("started at once as requested on an exact world, every job ends in time even at slack 1", async () => {
    const scenario = await scenarioWith({ slack: 1, modelError: 0 });
    const cluster = createSimulatedCluster(scenario);
    const finishedBy = new Map<string, number>();
    await runAsRequested(cluster, scenario, async (now) => {
      for (const { id, phase } of await cluster.scheduler.observe()) {
        if (phase === "finished" && !finishedBy.has(id)) finishedBy.set(id, now);
      }
    });
    for (const { id, spec } of scenario.jobs) {
      // Started and seen in a loop of five minutes.
      expect(finishedBy.get(id)! - spec.deadlineAt!).toBeLessThanOrEqual(600_000);
    }
  });

  test("services: target three times a lone request's latency; high load is 85 : 40 of low load", async () => {
    const low = (await scenarioWith({ load: "low" })).services;
    const high = (await scenarioWith({ load: "high" })).services;
    expect(low.map(({ spec }) => [spec.model, spec.latencyTargetMs, spec.gpus])).toEqual([
      ["vision", 15, 4],
      ["speech", 90, 4],
      ["llm", 558, 4],
    ]);
    for (const [i, service] of low.entries()) {
      expect(high[i]!.requestsPerSecond[0]! / service.requestsPerSecond[0]!).toBeCloseTo(0.85 / 0.4, 9);
      expect(service.ratesStartAt).toBe(START - 14 * DAY_MS);
      expect(service.requestsPerSecond).toHaveLength(17 * 144);
    }
  });

  test("grid: 90 days of history to the end; price by local hour", async () => {
    const { grid, endsAt, cluster } = await scenarioWith();
    expect(grid[0]!.startsAt).toBe(START - 90 * DAY_MS);
    expect(grid.at(-1)!.startsAt).toBe(endsAt - HOUR_MS);
    expect(cluster.timeZone).toBe("Europe/Berlin");
    const price = (hourUtc: number) =>
      grid.find(({ startsAt }) => startsAt === START + hourUtc * HOUR_MS)!.pricePerKwh;
    // Berlin is two hours ahead of UTC in June.
    expect([price(3), price(4), price(5), price(8), price(15), price(18), price(20)]).toEqual([
      0.12, 0.2, 0.3, 0.2, 0.3, 0.2, 0.12,
    ]);
    expect(grid.every(({ onSiteWatts }) => onSiteWatts === 0)).toBe(true);
  });

  test("grid: history starts where the recording does", async () => {
    const recorded = {
      ...traces,
      intensityRange: async () => ({ fromMs: START - DAY_MS, toMs: START + 9 * DAY_MS }),
    };
    const { grid } = await buildScenario(options, recorded, profileLibrary);
    expect(grid[0]!.startsAt).toBe(START - DAY_MS);
  });

  test("on-site supply has its share of what MAX draws on average", async () => {
    const scenario = await scenarioWith({ onSite: { kind: "both", share: 0.7 }, modelError: 0 });
    const cluster = createSimulatedCluster(scenario);
    await runAsRequested(cluster, scenario);
    const kwh = cluster.truthTotals().reduce((sum, entry) => sum + entry.energyKwh, 0);
    const meanWatts = (1.2 * kwh * 1000) / 72;
    const run = scenario.grid.filter(({ startsAt }) => startsAt >= START);
    const supply = run.reduce((sum, hour) => sum + hour.onSiteWatts, 0) / run.length;
    expect(supply / meanWatts).toBeCloseTo(0.7, 1);
  });

  test("what can't be built is refused with what would be right", async () => {
    const refused = { code: "ERR_OPTION_INVALID" };
    for (const changed of [
      { gpus: 3 },
      { gpus: 4.5 },
      { days: 0 },
      { slack: 0.5 },
      { startsAt: START + 1 },
    ]) {
      await expect(scenarioWith(changed)).rejects.toMatchObject(refused);
    }
    await expect(scenarioWith({ days: 0.1 })).rejects.toMatchObject(refused);
    await expect(buildScenario(options, traces, [])).rejects.toMatchObject({ code: "ERR_PROFILE_UNKNOWN" });
  });
});
