import { describe, expect, test } from "vitest";
import { createMemoryStore, type NodeMemory } from "../../src/agent/index.ts";
import { CarmError } from "../../src/records/index.ts";
import { job } from "./fake-node.ts";
import { decision, LEASE_MS, NodeWorld, renewal, START } from "./harness.ts";
import { clock, nodeWith } from "./node-with.ts";

describe("somebody else's lock", () => {
  test("is left alone and reported once for each decision, until it is reclaimed", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    world.node.gpus[0]!.lockMhz = 600;
    expect(await world.decide()).toEqual(["overridden a@1 600"]);
    expect(await world.decide()).toEqual([]);
    expect(await world.decide(decision("job", "a", 2, clock(1500)))).toEqual(["overridden a@2 600"]);
    expect(world.locks[0]).toBe(600);
    world.agent.reclaim();
    expect(await world.decide()).toEqual(["applied a@2 1500"]);
  });

  test("is left alone also where the agent never set one, at lease end and when the board falls free", async () => {
    const world = nodeWith();
    world.node.gpus[0]!.lockMhz = 600;
    expect(await world.decide(decision("job", "a", 1, clock(1200)))).toEqual(["overridden a@1 600"]);
    world.wait(LEASE_MS);
    await world.decide();
    world.node.gpus[0]!.tenants = [];
    await world.decide();
    expect(world.node.journal).toEqual([]);
  });

  test("does not matter for later if it was gone before anything was decided", async () => {
    const world = nodeWith();
    world.node.gpus[0]!.lockMhz = 600;
    await world.agent.reconcile();
    world.node.gpus[0]!.lockMhz = null;
    expect(await world.decide(decision("job", "a", 1, clock(1200)))).toEqual(["applied a@1 1200"]);
  });

  test("is told from its own after a restart", async () => {
    const world = nodeWith();
    world.node.gpus[1]!.tenants = [job("b")];
    world.node.gpus[1]!.lockMhz = 600;
    await world.decide(decision("job", "a", 1, clock(1200)), decision("job", "b", 2, clock(1200)));
    world.restart();
    const reports = await world.decide(
      decision("job", "a", 3, clock(1500)),
      decision("job", "b", 4, clock(1500)),
    );
    expect(reports.sort()).toEqual(["applied a@3 1500", "overridden b@4 600"]);
  });
});

describe("a restarted node agent", () => {
  test("rejects a decision older than it had seen", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 5, clock(1200)));
    world.restart();
    expect(await world.decide(decision("job", "a", 4, clock(2100)))).toEqual(["stale a@4 1200"]);
    expect(world.locks[0]).toBeNull();
  });

  test("frees what an earlier process locked, if that was ended before it could read back or report", async () => {
    const store = createMemoryStore<NodeMemory>();
    const world = new NodeWorld(1, {}, store);
    world.node.gpus[0]!.tenants = [job("a")];
    await world.decide(decision("job", "a", 1, clock(900)));
    // Killed between the lock and everything after it.
    const killed = new Promise<void>((kill) => {
      world.node.lockSmClock = async (uuid, lockMhz) => {
        world.node.gpus[0]!.lockMhz = lockMhz;
        world.node.journal.push({ uuid, lockMhz });
        kill();
        await new Promise(() => undefined);
      };
    });
    world.feed.decide(decision("job", "a", 2, clock(1500)));
    void world.agent.reconcile();
    await killed;
    world.node.gpus[0]!.tenants = [];
    world.restart();
    await world.agent.reconcile();
    expect(world.locks).toEqual([null]);
  });

  test("takes over a lock whose decision is still in force", async () => {
    const world = nodeWith();
    const decided = decision("job", "a", 1, clock(1200));
    await world.decide(decided);
    world.restart();
    expect(await world.decide(decided)).toEqual(["unchanged a@1 1200"]);
    expect(world.node.journal).toHaveLength(1);
  });

  test("does not act on decisions that lie long back, unless their lease was renewed since", async () => {
    const old = { ...clock(1200), observedAt: START - 86_400_000 };
    const world = nodeWith();
    expect(await world.decide(decision("job", "a", 1, old))).toEqual(["stale a@1 null"]);
    expect(world.locks[0]).toBeNull();
    world.restart();
    expect(await world.decide(decision("job", "a", 1, old), renewal(2))).toEqual(["applied a@1 1200"]);
  });
});

describe("when something fails a node agent", () => {
  test("reports a lost GPU once, goes on with the others, and locks it when it is back", async () => {
    const world = nodeWith();
    world.node.gpus[1]!.tenants = [job("a")];
    world.node.gpus[0]!.healthy = false;
    const reports = await world.decide(decision("job", "a", 1, clock(1200)));
    expect(reports.sort()).toEqual(["applied a@1 1200", "failed a@1 null"]);
    expect(await world.decide()).toEqual([]);
    world.node.gpus[0]!.healthy = true;
    expect(await world.decide()).toEqual(["applied a@1 1200"]);
    expect(world.locks).toEqual([1200, 1200]);
  });

  test("reports a GPU that is no longer listed to those who were on it", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    world.node.gpus[0]!.present = false;
    await world.agent.reconcile();
    const [report] = world.log.of("carm.actuations").slice(-1);
    expect(report).toMatchObject({ result: "failed", detail: expect.stringContaining("ERR_GPU_LOST GPU-0") });
  });

  test("says why, waits longer after each failure, and says so once", async () => {
    const world = nodeWith();
    world.node.gpus[0]!.failure = new CarmError("ERR_ACTUATOR_FAILED", "no permission");
    world.feed.decide(decision("job", "a", 1, clock(1200)));
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      const result = await world.agent.reconcile();
      if (result.status !== "again") throw new Error(result.status);
      expect(result.error).toMatchObject({ code: "ERR_ACTUATOR_FAILED" });
      waits.push(result.afterMs);
      world.wait(result.afterMs - 1);
      await world.agent.reconcile();
      expect(world.node.journal).toHaveLength(i + 1);
      world.wait(1);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(world.log.of("carm.actuations")).toMatchObject([
      { result: "failed", detail: "ERR_ACTUATOR_FAILED GPU-0: no permission" },
    ]);
    world.node.gpus[0]!.failure = null;
    world.log.takeActuations();
    expect(await world.decide()).toEqual(["applied a@1 1200"]);
  });

  test("reports the clock that the device chose instead, and does not fight it", async () => {
    const world = nodeWith();
    world.node.gpus[0]!.choose = (asked) => (asked === null ? null : asked - 15);
    expect(await world.decide(decision("job", "a", 1, clock(1200)))).toEqual(["applied a@1 1185"]);
    expect(await world.decide(decision("job", "a", 2, { action: "release" }))).toEqual(["applied a@2 null"]);
    expect(world.node.journal).toHaveLength(2);
  });

  test("waits for a device that takes its time", async () => {
    const world = nodeWith();
    world.node.gpus[0]!.choose = (_, now) => now;
    expect(await world.decide(decision("job", "a", 1, clock(1200)))).toEqual([]);
    world.node.gpus[0]!.lockMhz = 1200;
    expect(await world.decide()).toEqual(["applied a@1 1200"]);
    expect(world.node.journal).toHaveLength(1);
  });

  test("reports a device that ignores locks", async () => {
    const world = nodeWith();
    world.node.gpus[0]!.choose = (_, now) => now;
    await world.decide(decision("job", "a", 1, clock(1200)));
    world.wait(1_000);
    expect(await world.decide()).toEqual(["failed a@1 null"]);
  });

  test("sets no lock that it could not remember, and tries again", async () => {
    const store = createMemoryStore<NodeMemory>();
    let full = true;
    const world = new NodeWorld(
      1,
      {},
      {
        load: store.load,
        save: async (memory) => {
          if (full) throw new Error("the disk is full");
          await store.save(memory);
        },
      },
    );
    world.node.gpus[0]!.tenants = [job("a")];
    world.feed.decide(decision("job", "a", 1, clock(1200)));
    expect(await world.agent.reconcile()).toMatchObject({
      status: "again",
      error: { message: "the disk is full" },
    });
    expect(world.node.journal).toEqual([]);
    full = false;
    expect(await world.decide()).toEqual(["applied a@1 1200"]);
  });

  test("keeps to what it knows while the broker is away, ends leases in time, and reports later", async () => {
    const world = nodeWith();
    await world.decide(decision("job", "a", 1, clock(1200)));
    world.feed.failure = world.log.failure = new Error("the broker is away");
    await world.agent.reconcile();
    expect(world.locks[0]).toBe(1200);
    world.wait(LEASE_MS);
    expect(await world.agent.reconcile()).toMatchObject({
      status: "again",
      error: { message: "the broker is away" },
    });
    expect(world.locks[0]).toBeNull();
    world.feed.failure = world.log.failure = null;
    expect(await world.decide()).toEqual(["reverted a@1 null"]);
  });

  test("tries again where the whole node can't be observed", async () => {
    const world = nodeWith();
    world.node.observing = new Error("the driver hangs");
    world.feed.decide(decision("job", "a", 1, clock(1200)));
    expect(await world.agent.reconcile()).toMatchObject({ status: "again", afterMs: 1_000 });
    expect(await world.agent.reconcile()).toMatchObject({ status: "again", afterMs: 2_000 });
    world.node.observing = null;
    expect(await world.decide()).toEqual(["applied a@1 1200"]);
  });
});
