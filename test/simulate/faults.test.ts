import { beforeAll, describe, expect, test } from "vitest";
import type { ObservedGpu } from "../../src/agent/actuators/actuator.ts";
import { validateRecord } from "../../src/records/index.ts";
import { createSimulatedCluster, type Scenario, type SimulatedCluster } from "../../src/simulate/index.ts";
import { lockAll, observeGpus, runAsRequested, scenarioWith } from "./support.ts";

interface Seen {
  /** Boards by moment of the five-minute loop. */
  readonly lost: string[];
  readonly samples: Map<string, number[]>;
  readonly counters: Map<string, number[]>;
}

/** What a run as requested shows from outside, every five minutes. */
async function watch(cluster: SimulatedCluster, scenario: Scenario): Promise<Seen> {
  const seen: Seen = { lost: [], samples: new Map(), counters: new Map() };
  const note = (map: Map<string, number[]>, id: string, value: number) =>
    map.set(id, [...(map.get(id) ?? []), value]);
  await runAsRequested(cluster, scenario, async (now) => {
    for (const gpu of await observeGpus(cluster)) {
      note(seen.counters, gpu.uuid, gpu.energyMillijoules);
      if (!gpu.healthy) seen.lost.push(`${now} ${gpu.uuid}`);
    }
    for (const { id, progress } of await cluster.scheduler.observe()) {
      if (progress !== null && progress.workers > 0) note(seen.samples, id, progress.samplesDone);
    }
  });
  return seen;
}

const drops = (series: ReadonlyMap<string, number[]>) =>
  [...series.values()].flatMap((values) =>
    values.slice(1).flatMap((value, i) => (value < values[i]! ? [values[i]! - value] : [])),
  );

describe("faults", () => {
  let scenario: Scenario;
  let seen: Seen;

  beforeAll(async () => {
    scenario = await scenarioWith({ modelError: 2, seed: 3 });
    seen = await watch(createSimulatedCluster(scenario), scenario);
  });

  test("at model error 0 nothing breaks and no counter or progress ever falls", async () => {
    const calm = await scenarioWith({ modelError: 0, seed: 3 });
    const run = await watch(createSimulatedCluster(calm), calm);
    expect([run.lost, drops(run.samples), drops(run.counters)]).toEqual([[], [], []]);
  });

  test("jobs lose work when they crash or lose a board: never more than since the last checkpoint", () => {
    const lostWork = drops(seen.samples);
    expect(lostWork.length).toBeGreaterThan(0);
    // Fifteen minutes at the fastest that any profile here can go.
    expect(Math.max(...lostWork)).toBeLessThan(15 * 60 * 1000 * 6 * 1.3);
  });

  test("GPUs get lost for a while; a lost one answers nothing, has no job, and counts from 0 afterwards", async () => {
    expect(seen.lost.length).toBeGreaterThan(0);
    expect(drops(seen.counters).length).toBeGreaterThan(0);
    const [at, uuid] = seen.lost[0]!.split(" ");
    const cluster = createSimulatedCluster(scenario);
    cluster.advanceTo(Number(at));
    const name = cluster.nodes.find((node) => node.endsWith(uuid!.slice(8, 10)))!;
    const node = cluster.node(name);
    const gpu = (await node.observe()).find((candidate) => candidate.uuid === uuid)!;
    expect(gpu).toMatchObject({ healthy: false, powerWatts: 0, utilization: 0, lockedSmClockMhz: null });
    expect(gpu.tenants.some(({ kind }) => kind === "job")).toBe(false);
    await expect(node.lockSmClock(uuid!, 1500)).rejects.toMatchObject({ code: "ERR_GPU_LOST" });
  });

  test("even so, whatever the cluster and the scenario say passes the rules for records", async () => {
    const cluster = createSimulatedCluster(scenario);
    const common = { cluster: scenario.cluster.cluster, observedAt: scenario.startsAt };
    validateRecord("carm.clusters", scenario.cluster);
    for (const profile of scenario.profiles) validateRecord("carm.profiles", profile);
    await runAsRequested(cluster, scenario, async () => {
      for (const node of cluster.nodes) {
        const gpus = (await cluster.node(node).observe()).map((gpu) => ({
          ...gpu,
          tenants: [...gpu.tenants],
          overridden: false,
        }));
        validateRecord("carm.gpu-telemetry", {
          ...common,
          node,
          pool: cluster.poolOf(node),
          sequence: 0,
          gpus,
        });
      }
      for (const window of cluster.takeRequestWindows()) validateRecord("carm.request-rate", window);
      for (const { id, job, service, progress, detail } of await cluster.scheduler.observe()) {
        const event = { ...common, subject: id, sequence: 0, job, service, progress, detail };
        validateRecord("carm.job-events", { ...event, type: service ? "service_declared" : "submitted" });
      }
    });
  });

  test("faults do not depend on what a policy does", async () => {
    const cluster = createSimulatedCluster(scenario);
    await lockAll(cluster, 1200);
    const lost: string[] = [];
    for (let now = scenario.startsAt; now <= scenario.endsAt; now += 300_000) {
      cluster.advanceTo(now);
      const gpus: ObservedGpu[] = await observeGpus(cluster);
      for (const gpu of gpus) if (!gpu.healthy) lost.push(`${now} ${gpu.uuid}`);
    }
    expect(lost).toEqual(seen.lost);
  });

  test("the same scenario and the same calls give the same run, bit for bit", async () => {
    const run = async () => {
      const cluster = createSimulatedCluster(await scenarioWith({ modelError: 1 }));
      await runAsRequested(cluster, scenario);
      return {
        gpus: await observeGpus(cluster),
        workloads: await cluster.scheduler.observe(),
        windows: cluster.takeRequestWindows(),
        totals: cluster.truthTotals(),
      };
    };
    expect(await run()).toEqual(await run());
  });
});
