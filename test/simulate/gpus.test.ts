import { describe, expect, test } from "vitest";
import { createSimulatedCluster } from "../../src/simulate/index.ts";
import { DAY_MS, HOUR_MS, lockAll, observeGpus, START, scenarioWith, smallScenario } from "./support.ts";

const MILLIJOULES_PER_KWH = 3.6e9;

describe("simulated GPUs", () => {
  test("energy counters are the exact integral of power, through clock switches, starts and pauses", async () => {
    const cluster = createSimulatedCluster(await smallScenario([{ samples: 1e9 }]));
    const integral = new Map<string, number>();
    await cluster.scheduler.run("job-1", 2);
    for (let now = START; now < START + HOUR_MS; ) {
      // Never across a step boundary: within one, reported power is constant.
      const next = now % 10_000 === 0 ? now + 200 : Math.ceil((now + 1) / 10_000) * 10_000;
      if (now % 600_000 === 0) await lockAll(cluster, now % 1_200_000 === 0 ? 1500 : 2010);
      if (now === START + HOUR_MS / 2) await cluster.scheduler.pause("job-1");
      cluster.advanceTo(next);
      for (const gpu of await observeGpus(cluster)) {
        integral.set(gpu.uuid, (integral.get(gpu.uuid) ?? 0) + gpu.powerWatts * (next - now));
      }
      now = next;
    }
    for (const gpu of await observeGpus(cluster)) {
      expect(gpu.energyMillijoules).toBeGreaterThan(0);
      expect(Math.abs(gpu.energyMillijoules - integral.get(gpu.uuid)!)).toBeLessThan(2);
    }
  });

  test("what the subjects drew adds up to the counters", async () => {
    const cluster = createSimulatedCluster(await smallScenario([{}, { model: "bert" }]));
    await cluster.scheduler.run("job-1", 3);
    await cluster.scheduler.run("job-2", 1);
    cluster.advanceTo(START + DAY_MS / 2);
    const counted = (await observeGpus(cluster)).reduce((sum, gpu) => sum + gpu.energyMillijoules, 0);
    const totals = cluster.truthTotals();
    expect(totals.every((entry) => entry.energyKwh > 0)).toBe(true);
    const drawn = totals.reduce((sum, entry) => sum + entry.energyKwh, 0);
    expect(drawn).toBeCloseTo(counted / MILLIJOULES_PER_KWH, 6);
  });

  test("noise is in the reported watts, never in the counter", async () => {
    const power = async (modelError: 0 | 1 | 2) => {
      const cluster = createSimulatedCluster(await smallScenario([], { modelError }));
      cluster.advanceTo(START + HOUR_MS);
      const before = (await observeGpus(cluster)).at(-1)!;
      cluster.advanceTo(START + HOUR_MS + 10_000);
      const after = (await observeGpus(cluster)).at(-1)!;
      const counted = (after.energyMillijoules - before.energyMillijoules) / 10_000;
      return { reported: after.powerWatts, counted };
    };
    const exact = await power(0);
    expect(exact.reported).toBeCloseTo(exact.counted, 3);
    const noisy = await power(2);
    expect(Math.abs(noisy.reported - noisy.counted)).toBeGreaterThan(0.01);
  });

  test("a lock is read back at once and in force 0.2 s later; without one a busy GPU boosts", async () => {
    const cluster = createSimulatedCluster(await smallScenario([{}]));
    await cluster.scheduler.run("job-1", 1);
    cluster.advanceTo(START + 600_000);
    const busy = (await observeGpus(cluster)).find((gpu) => gpu.tenants[0]?.kind === "job")!;
    expect(busy).toMatchObject({ smClockMhz: 2730, lockedSmClockMhz: null });
    const name = cluster.nodes.at(-1)!;
    const read = async () => (await cluster.node(name).observe()).find((gpu) => gpu.uuid === busy.uuid)!;
    await cluster.node(name).lockSmClock(busy.uuid, 1500);
    cluster.advanceTo(START + 600_199);
    expect(await read()).toMatchObject({ smClockMhz: 2730, lockedSmClockMhz: 1500 });
    cluster.advanceTo(START + 600_201);
    expect((await read()).smClockMhz).toBe(1500);
    expect((await read()).powerWatts).toBeLessThan(busy.powerWatts * 0.6);
    await cluster.node(name).resetSmClock(busy.uuid);
    cluster.advanceTo(START + 601_000);
    expect(await read()).toMatchObject({ smClockMhz: 2730, lockedSmClockMhz: null });
  });

  test("a clock that the device does not have is refused and changes nothing", async () => {
    const cluster = createSimulatedCluster(await smallScenario());
    const node = cluster.node(cluster.nodes[0]!);
    const [gpu] = await node.observe();
    expect(gpu!.supportedSmClocksMhz.at(-1)).toBe(2730);
    for (const clock of [1501, 195, 2745]) {
      await expect(node.lockSmClock(gpu!.uuid, clock)).rejects.toMatchObject({ code: "ERR_ACTUATOR_FAILED" });
    }
    await expect(node.lockSmClock("GPU-none", 1500)).rejects.toMatchObject({ code: "ERR_ACTUATOR_FAILED" });
    expect((await node.observe())[0]!.lockedSmClockMhz).toBeNull();
  });

  test("boards heat up under load towards a settled temperature and cool down after it", async () => {
    const cluster = createSimulatedCluster(await smallScenario([{ samples: 600_000 }]));
    const byBoard = async () =>
      new Map((await observeGpus(cluster)).map((gpu) => [gpu.uuid, gpu.temperatureCelsius]));
    const before = await byBoard();
    await cluster.scheduler.run("job-1", 1);
    cluster.advanceTo(START + 120_000);
    const isUsed = (gpu: { tenants: readonly { kind: string }[] }) =>
      gpu.tenants.some((tenant) => tenant.kind === "job");
    const { uuid } = (await observeGpus(cluster)).find(isUsed)!;
    const temperature = async () => (await byBoard()).get(uuid)!;
    const cold = before.get(uuid)!;
    const warm = await temperature();
    cluster.advanceTo(START + 600_000);
    const hot = await temperature();
    cluster.advanceTo(START + 2 * HOUR_MS);
    expect([cold < warm, warm < hot, hot < 85, (await temperature()) < hot - 20]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test("nodes hold four boards and belong to one pool", async () => {
    const cluster = createSimulatedCluster(await scenarioWith());
    expect(cluster.nodes).toHaveLength(8);
    expect(cluster.nodes[0]).toBe("gpu-node-01");
    expect(cluster.nodes.filter((node) => cluster.poolOf(node) === "inference")).toHaveLength(3);
    const gpus = await observeGpus(cluster);
    expect(new Set(gpus.map((gpu) => gpu.uuid)).size).toBe(32);
    expect(() => cluster.node("gpu-node-99")).toThrow("gpu-node-99");
  });
});
