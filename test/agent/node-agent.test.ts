import { describe, expect, test } from "vitest";
import { createMemoryStore, type NodeMemory } from "../../src/agent/index.ts";
import { CarmError } from "../../src/records/index.ts";
import { job, service } from "./fake-node.ts";
import { decision, LEASE_MS, NodeWorld, renewal, START } from "./harness.ts";

/** A node whose first board has this job as tenant. */
function nodeWith(id = "a", gpus = 2): NodeWorld {
  const world = new NodeWorld(gpus);
  world.node.gpus[0]!.tenants = [job(id)];
  return world;
}

const clock = (smClockMhz: number | null) => ({ smClockMhz });

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
