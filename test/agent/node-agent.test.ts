import { describe, expect, test } from "vitest";
import { CarmError } from "../../src/records/index.ts";
import { job, service } from "./fake-node.ts";
import { decision, LEASE_MS, NodeWorld, renewal, START } from "./harness.ts";
import { clock, nodeWith } from "./node-with.ts";

describe("a node agent locks", () => {
  test("the boards of a target, reports it once, and leaves the others alone", async () => {
    const world = nodeWith();
    expect(await world.decide(decision("job", "a", 1, clock(1200)))).toEqual(["applied a@1 1200"]);
    expect(world.locks).toEqual([1200, null]);
    expect(await world.decide()).toEqual([]);
    expect(world.node.journal).toHaveLength(1);
  });

  test("all boards of a target with one record", async () => {
    const world = nodeWith();
    world.node.gpus[1]!.tenants = [job("a")];
    expect(await world.decide(decision("job", "a", 1, clock(1200)))).toEqual(["applied a@1 1200"]);
    expect(world.locks).toEqual([1200, 1200]);
  });

  test("the nearest supported clock at or above, the highest if there is none", async () => {
    const world = nodeWith();
    expect(await world.decide(decision("job", "a", 1, clock(1201)))).toEqual(["applied a@1 1500"]);
    expect(await world.decide(decision("job", "a", 2, clock(9999)))).toEqual(["applied a@2 2100"]);
    expect(await world.decide(decision("job", "a", 3, clock(1)))).toEqual(["applied a@3 210"]);
  });

  test("nothing where the lock is already as decided, and says so once for each decision", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    expect(await world.decide(decision("job", "a", 2, clock(1200)))).toEqual(["unchanged a@2 1200"]);
    expect(await world.decide()).toEqual([]);
    expect(world.node.journal).toHaveLength(1);
  });

  test("again what a reloaded driver has lost", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    world.node.gpus[0]!.lockMhz = null;
    expect(await world.decide()).toEqual(["applied a@1 1200"]);
    expect(world.locks[0]).toBe(1200);
  });

  test("a board that a job moves to, and frees the one it left", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    world.node.gpus[0]!.tenants = [];
    world.node.gpus[1]!.tenants = [job("a")];
    expect(await world.decide()).toEqual(["applied a@1 1200"]);
    expect(world.locks).toEqual([null, 1200]);
  });
});

describe("a board with several tenants runs", () => {
  test("at the highest clock that any of its jobs needs", async () => {
    const world = nodeWith();
    world.node.gpus[0]!.tenants = [job("a"), job("b")];
    await world.decide(decision("job", "a", 1, clock(900)), decision("job", "b", 2, clock(1500)));
    expect(world.locks[0]).toBe(1500);
  });

  test("at what its service needs, whatever its jobs need", async () => {
    const world = nodeWith();
    world.node.gpus[0]!.tenants = [job("a"), service("s")];
    const reports = await world.decide(
      decision("job", "a", 1, clock(1800)),
      decision("service", "s", 2, clock(1200)),
    );
    expect(world.locks[0]).toBe(1200);
    expect(reports.sort()).toEqual(["applied a@1 1200", "applied s@2 1200"]);
  });

  test("at the hardware's own clocks if one is unknown or undecided", async () => {
    for (const stranger of [
      { kind: "unknown", id: "", share: 0.5 } as const,
      job("undecided"),
      service("undecided"),
    ]) {
      const world = nodeWith();
      await world.decide(decision("job", "a", 1, clock(1200)));
      world.node.gpus[0]!.tenants = [job("a"), stranger];
      await world.agent.reconcile();
      expect(world.locks[0]).toBeNull();
    }
  });
});

describe("a node agent gives back", () => {
  test("what is released, or decided to be the hardware's own", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    expect(await world.decide(decision("job", "a", 2, { action: "release" }))).toEqual(["applied a@2 null"]);
    await world.decide(decision("job", "a", 3, clock(1200)));
    expect(await world.decide(decision("job", "a", 4, clock(null)))).toEqual(["applied a@4 null"]);
    expect(world.locks[0]).toBeNull();
  });

  test("every board when the lease ends, and locks it again once the lease is renewed", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    expect(await world.agent.reconcile()).toEqual({ status: "again", afterMs: LEASE_MS, error: null });
    world.wait(LEASE_MS);
    expect(await world.decide()).toEqual(["reverted a@1 null"]);
    expect(await world.decide()).toEqual([]);
    world.feed.decide(renewal(2, { observedAt: START + LEASE_MS }));
    expect(await world.decide()).toEqual(["applied a@1 1200"]);
  });

  test("nothing for a job whose lease ended on a board that a service still needs", async () => {
    const world = nodeWith();
    world.node.gpus[0]!.tenants = [job("a"), service("s")];
    await world.decide(decision("job", "a", 1, clock(1200)));
    world.wait(LEASE_MS);
    const later = { observedAt: START + LEASE_MS };
    expect(await world.decide(decision("service", "s", 2, { ...clock(900), ...later }))).toEqual([
      "applied s@2 900",
    ]);
  });

  test("no board that is to hold its lock", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, { ...clock(1200), onLeaseEnd: "hold" }));
    world.wait(100 * LEASE_MS);
    expect(await world.decide()).toEqual([]);
    expect(world.locks[0]).toBe(1200);
  });

  test("boards at different times, so that they don't jump together", async () => {
    const world = new NodeWorld(8, { reversionSpreadMs: 30_000 });
    world.node.gpus.forEach((gpu, i) => {
      gpu.tenants = [job(`job-${i}`)];
    });
    await world.decide(...world.node.gpus.map((_, i) => decision("job", `job-${i}`, i, clock(1200))));
    world.wait(LEASE_MS);
    const unlocked: number[] = [];
    for (let second = 0; second < 30; second++) {
      world.wait(1_000);
      await world.agent.reconcile();
      unlocked.push(world.locks.filter((lock) => lock === null).length);
    }
    expect(new Set(unlocked).size).toBeGreaterThan(4);
    expect(unlocked.at(-1)).toBe(8);
  });

  test("everything it set when it is stopped, and nothing that it did not set", async () => {
    const world = nodeWith();
    world.node.gpus[1]!.lockMhz = 900;
    await world.decide(decision("job", "a", 1, clock(1200)));
    await world.agent.stop();
    expect(world.locks).toEqual([null, 900]);
    expect(world.log.takeActuations()).toEqual(["reverted a@1 null"]);
    expect(await world.agent.reconcile()).toEqual({ status: "terminal" });
  });

  test("also what it was just about to set when it is stopped", async () => {
    const world = nodeWith();
    const lock = world.node.lockSmClock.bind(world.node);
    world.node.lockSmClock = async (uuid, smClockMhz) => {
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      await lock(uuid, smClockMhz);
    };
    world.feed.decide(decision("job", "a", 1, clock(1200)));
    await Promise.all([world.agent.reconcile(), world.agent.stop()]);
    expect(world.node.journal.map(({ lockMhz }) => lockMhz)).toEqual([1200, null]);
    expect(world.locks[0]).toBeNull();
  });

  test("everything while the stop file is there, and nothing is done until it is gone", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    world.stopped = true;
    expect(await world.decide()).toEqual(["reverted a@1 null"]);
    expect(await world.decide(decision("job", "a", 2, clock(1500)))).toEqual([]);
    world.stopped = false;
    expect(await world.decide()).toEqual(["applied a@2 1500"]);
  });

  test("and says so if a lock stays when it is stopped", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    world.node.gpus[0]!.failure = new CarmError("ERR_ACTUATOR_FAILED", "no permission");
    await expect(world.agent.stop()).rejects.toMatchObject({ code: "ERR_ACTUATOR_FAILED", message: /GPU-0/ });
    world.node.gpus[0]!.failure = null;
    world.wait(1_000);
    await world.agent.stop();
    expect(world.locks[0]).toBeNull();
  });
});

describe("telemetry", () => {
  test("has an entry for each GPU and a sequence that rises, over restarts too", async () => {
    const world = nodeWith("a", 3);
    await world.agent.publishTelemetry();
    await world.agent.publishTelemetry();
    world.restart();
    world.wait(10);
    await world.agent.publishTelemetry();
    const samples = world.log.of("carm.gpu-telemetry");
    expect(samples[0]).toMatchObject({ cluster: "lab", node: "n1", pool: "p", observedAt: START });
    expect(samples[0]!.gpus.map((gpu) => gpu.tenants)).toEqual([[job("a")], [], []]);
    const sequences = samples.map((sample) => sample.sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });
});
