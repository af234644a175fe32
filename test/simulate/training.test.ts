import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SimulatedCluster } from "../../src/simulate/index.ts";
import { createSimulatedCluster } from "../../src/simulate/index.ts";
import { HOUR_MS, jobOf, lockAll, observeGpus, START, scenarioWith, smallScenario } from "./support.ts";

async function boardsOf(cluster: SimulatedCluster, job: string): Promise<string[]> {
  const gpus = await observeGpus(cluster);
  return gpus.filter((gpu) => gpu.tenants[0]?.id === job).map((gpu) => gpu.uuid);
}

async function samplesAfterAnHour(smClockMhz: number, workers: number, modelError: 0 | 1 = 0) {
  const scenario = await smallScenario([{ samples: 1e9 }], { modelError });
  const cluster = createSimulatedCluster(scenario);
  await lockAll(cluster, smClockMhz);
  await cluster.scheduler.run("job-1", workers);
  cluster.advanceTo(START + HOUR_MS);
  return (await jobOf(cluster, "job-1")).progress!.samplesDone;
}

describe("simulated training", () => {
  test("without model error a job does what its profile says, less the time of its start", async () => {
    // 1000 samples/s at the highest clock, 3.5 times that on four workers, one minute to start.
    expect(await samplesAfterAnHour(2730, 4)).toBeCloseTo(1000 * 3.5 * 3540, 0);
    expect(await samplesAfterAnHour(1200, 1)).toBeCloseTo(1000 * 0.52 * 3540, -3);
  });

  test("a higher clock is never slower on the same boards", async () => {
    let slower = 0;
    for (const clock of [210, 900, 1500, 2100, 2730]) {
      const samples = await samplesAfterAnHour(clock, 4, 1);
      expect(samples).toBeGreaterThan(slower);
      slower = samples;
    }
  });

  test("a gang runs at its slowest board, and the others wait for it", async () => {
    const cluster = createSimulatedCluster(await smallScenario([{ samples: 1e9 }]));
    await cluster.scheduler.run("job-1", 2);
    const [slow, fast] = await boardsOf(cluster, "job-1");
    const node = cluster.node(cluster.nodes.find((name) => cluster.poolOf(name) === "training")!);
    await node.lockSmClock(slow!, 1200);
    cluster.advanceTo(START + HOUR_MS);
    const done = (await jobOf(cluster, "job-1")).progress!.samplesDone;
    expect(done).toBeCloseTo(1000 * 1.9 * 0.52 * 3540, -4);
    const utilization = new Map((await observeGpus(cluster)).map((gpu) => [gpu.uuid, gpu.utilization]));
    expect(utilization.get(slow!)).toBe(1);
    expect(utilization.get(fast!)).toBeCloseTo(0.52, 2);
  });

  test("start, resume and resize cost their time; a pause keeps the work and frees the boards", async () => {
    const cluster = createSimulatedCluster(await smallScenario([{ samples: 1e9 }]));
    const done = async () => (await jobOf(cluster, "job-1")).progress!.samplesDone;
    await cluster.scheduler.run("job-1", 2);
    cluster.advanceTo(START + 60_000);
    expect(await done()).toBe(0);
    cluster.advanceTo(START + 600_000);
    const before = await done();
    expect(before).toBeGreaterThan(0);
    await cluster.scheduler.pause("job-1");
    await cluster.scheduler.pause("job-1");
    expect(await jobOf(cluster, "job-1")).toMatchObject({ phase: "paused", progress: { workers: 0 } });
    expect(await boardsOf(cluster, "job-1")).toEqual([]);
    cluster.advanceTo(START + HOUR_MS);
    await cluster.scheduler.run("job-1", 2);
    cluster.advanceTo(START + HOUR_MS + 300_000);
    const resumed = await done();
    expect(resumed - before).toBeCloseTo(1900 * 240, 0);
    await cluster.scheduler.run("job-1", 4);
    await cluster.scheduler.run("job-1", 4);
    cluster.advanceTo(START + HOUR_MS + 600_000);
    expect((await done()) - resumed).toBeCloseTo(3500 * 240, 0);
  });

  test("a job ends when its work is done and frees its boards", async () => {
    const cluster = createSimulatedCluster(await smallScenario([{ samples: 600_000 }]));
    await cluster.scheduler.run("job-1", 1);
    cluster.advanceTo(START + 60_000 + 599_999);
    expect((await jobOf(cluster, "job-1")).phase).toBe("running");
    cluster.advanceTo(START + 60_000 + 600_001);
    expect(await jobOf(cluster, "job-1")).toMatchObject({
      phase: "finished",
      progress: { samplesDone: 600_000, workers: 0 },
    });
    expect(await boardsOf(cluster, "job-1")).toEqual([]);
    await expect(cluster.scheduler.run("job-1", 1)).rejects.toMatchObject({ code: "ERR_ACTUATOR_FAILED" });
  });

  test("the scheduler refuses what a job does not allow, what it does not know, and what does not fit", async () => {
    const rigid = { pausable: false, resizable: false, requestedWorkers: 2, minWorkers: 2, maxWorkers: 2 };
    const scenario = await smallScenario([rigid, {}, {}]);
    const later = { ...scenario.jobs[2]!, submittedAt: START + HOUR_MS };
    const cluster = createSimulatedCluster({ ...scenario, jobs: [...scenario.jobs.slice(0, 2), later] });
    const refused = { code: "ERR_ACTUATOR_FAILED" };
    await expect(cluster.scheduler.run("job-1", 3)).rejects.toMatchObject(refused);
    await cluster.scheduler.run("job-1", 2);
    await expect(cluster.scheduler.pause("job-1")).rejects.toMatchObject(refused);
    await expect(cluster.scheduler.run("job-2", 4)).rejects.toMatchObject(refused);
    await expect(cluster.scheduler.run("job-3", 1)).rejects.toMatchObject(refused);
    expect((await cluster.scheduler.observe()).some(({ id }) => id === "job-3")).toBe(false);
    expect((await jobOf(cluster, "job-2")).phase).toBe("waiting");
    cluster.advanceTo(START + HOUR_MS);
    expect((await jobOf(cluster, "job-3")).phase).toBe("waiting");
    await cluster.scheduler.run("job-3", 3);
  });

  test("a gang is packed on as few nodes as there can be", async () => {
    const scenario = { ...(await scenarioWith({ modelError: 0 })) };
    const cluster = createSimulatedCluster(scenario);
    cluster.advanceTo(scenario.endsAt);
    const nodesUsed = async (id: string) => {
      let used = 0;
      for (const name of cluster.nodes) {
        const gpus = await cluster.node(name).observe();
        if (gpus.some((gpu) => gpu.tenants[0]?.id === id)) used += 1;
      }
      return used;
    };
    const ofSize = (size: number) => scenario.jobs.filter(({ spec }) => spec.requestedWorkers === size);
    const [two, four, eight] = [ofSize(2)[0]!, ofSize(4)[0]!, ofSize(8)[0]!];
    for (const job of [two, four, eight]) await cluster.scheduler.run(job.id, job.spec.requestedWorkers);
    expect([await nodesUsed(two.id), await nodesUsed(four.id), await nodesUsed(eight.id)]).toEqual([1, 1, 2]);
  });

  test("whatever is asked of it, capacity is never exceeded and no board has two tenants", async () => {
    const scenario = await smallScenario([{}, {}, { pausable: false }, { samples: 500_000 }]);
    const command = fc.record({
      job: fc.constantFrom("job-1", "job-2", "job-3", "job-4"),
      workers: fc.integer({ min: 0, max: 6 }),
      waitMs: fc.integer({ min: 0, max: 900_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
        const cluster = createSimulatedCluster(scenario);
        for (const { job, workers, waitMs } of commands) {
          const change = workers === 0 ? cluster.scheduler.pause(job) : cluster.scheduler.run(job, workers);
          await change.catch(() => undefined);
          cluster.advanceTo(cluster.nowMs + waitMs);
          const jobs = (await cluster.scheduler.observe()).filter((workload) => workload.job !== null);
          const workersRunning = jobs.reduce((sum, { progress }) => sum + (progress?.workers ?? 0), 0);
          const gpus = await observeGpus(cluster);
          expect(gpus.every((gpu) => gpu.tenants.length <= 1)).toBe(true);
          expect(gpus.filter((gpu) => gpu.tenants[0]?.kind === "job")).toHaveLength(workersRunning);
          expect(gpus.filter((gpu) => gpu.tenants[0]?.kind === "service")).toHaveLength(3);
        }
      }),
      { numRuns: 25 },
    );
  });
});
