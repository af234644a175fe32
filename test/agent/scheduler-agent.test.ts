import { describe, expect, test } from "vitest";
import { CarmError } from "../../src/records/index.ts";
import { decision, LEASE_MS, renewal, SchedulerWorld, START } from "./harness.ts";

const run = (workers: number) => ({ workers });
const hold = { action: "hold", onLeaseEnd: "run" } as const;
const pause = { action: "pause", onLeaseEnd: "run" } as const;

describe("a scheduler agent runs", () => {
  test("a job on the workers decided, and reports it once", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a");
    expect(await world.decide(decision("job", "a", 1, run(3)))).toEqual(["applied a@1 3"]);
    expect(await world.decide()).toEqual([]);
    expect(world.scheduler.journal).toEqual(["run a 3"]);
  });

  test("nothing that is already so, and says so once for each decision", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(3)));
    expect(await world.decide(decision("job", "a", 2, run(3)))).toEqual(["unchanged a@2 3"]);
    expect(await world.decide()).toEqual([]);
    expect(world.scheduler.journal).toHaveLength(1);
  });

  test("no job that is held, and none that nothing was decided about", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a");
    world.scheduler.add("b");
    expect(await world.decide(decision("job", "a", 1, hold))).toEqual(["unchanged a@1 0"]);
    expect(world.scheduler.journal).toEqual([]);
  });

  test("no job before its earliest start", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a", { earliestStartAt: START + 5_000 });
    expect(await world.decide(decision("job", "a", 1, run(2)))).toEqual([]);
    world.wait(5_000);
    expect(await world.decide()).toEqual(["applied a@1 2"]);
  });

  test("a paused job again, and a running one wider or narrower", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(2)));
    expect(await world.decide(decision("job", "a", 2, pause))).toEqual(["applied a@2 0"]);
    expect(await world.decide(decision("job", "a", 3, run(4)))).toEqual(["applied a@3 4"]);
    expect(await world.decide(decision("job", "a", 4, run(1)))).toEqual(["applied a@4 1"]);
  });

  test("pauses and narrowing before starts and widening, so that their GPUs are free", async () => {
    const world = new SchedulerWorld(4);
    for (const id of ["starts", "widens", "narrows", "pauses"]) world.scheduler.add(id);
    await world.decide(
      decision("job", "widens", 1, run(1)),
      decision("job", "narrows", 2, run(2)),
      decision("job", "pauses", 3, run(1)),
    );
    const reports = await world.decide(
      decision("job", "starts", 4, run(1)),
      decision("job", "widens", 5, run(2)),
      decision("job", "narrows", 6, run(1)),
      decision("job", "pauses", 7, pause),
    );
    expect(reports.sort()).toEqual([
      "applied narrows@6 1",
      "applied pauses@7 0",
      "applied starts@4 1",
      "applied widens@5 2",
    ]);
  });

  test("the job of the highest priority first where GPUs are short", async () => {
    const world = new SchedulerWorld(2);
    world.scheduler.add("low", { priority: 1 });
    world.scheduler.add("high", { priority: 2 });
    const reports = await world.decide(decision("job", "low", 1, run(2)), decision("job", "high", 2, run(2)));
    expect(reports.sort()).toEqual(["applied high@2 2", "failed low@1 0"]);
  });
});

describe("a scheduler agent never", () => {
  test("pauses a job that may not be paused, or resizes one that may not be resized", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a", { pausable: false, resizable: false });
    await world.decide(decision("job", "a", 1, run(2)));
    for (const [i, forbidden] of [pause, run(1), run(4)].entries()) {
      const sequence = i + 2;
      expect(await world.decide(decision("job", "a", sequence, forbidden))).toEqual([
        `failed a@${sequence} 2`,
      ]);
      expect(await world.decide()).toEqual([]);
    }
    expect(world.scheduler.journal).toEqual(["run a 2"]);
  });

  test("starts a job on workers that it may not have", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("rigid", { resizable: false });
    world.scheduler.add("flexible");
    const reports = await world.decide(
      decision("job", "rigid", 1, run(1)),
      decision("job", "flexible", 2, run(5)),
    );
    expect(reports).toEqual(["failed rigid@1 0", "failed flexible@2 0"]);
    expect(world.scheduler.journal).toEqual([]);
  });
});

describe("when the lease ends a scheduler agent", () => {
  test("starts a held job as its user asked and resumes a paused one as it last ran", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("held");
    world.scheduler.add("paused");
    await world.decide(decision("job", "held", 1, hold), decision("job", "paused", 2, run(3)));
    await world.decide(decision("job", "paused", 3, pause));
    world.wait(LEASE_MS - 1);
    expect(await world.decide()).toEqual([]);
    world.wait(1);
    expect(await world.decide()).toEqual(["reverted held@1 2", "reverted paused@3 3"]);
  });

  test("leaves held jobs that are to be held, and running jobs as they are", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("held");
    world.scheduler.add("default");
    world.scheduler.add("running");
    await world.decide(
      decision("job", "held", 1, { ...hold, onLeaseEnd: "hold" }),
      decision("job", "default", 2, { ...hold, onLeaseEnd: "default" }),
      decision("job", "running", 3, run(1)),
    );
    world.wait(LEASE_MS);
    expect(await world.decide()).toEqual([]);
    expect(world.scheduler.journal).toEqual(["run running 1"]);
  });

  test("does nothing if it was renewed", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("held");
    await world.decide(decision("job", "held", 1, hold));
    world.wait(LEASE_MS - 1);
    await world.decide(renewal(2, { observedAt: START + LEASE_MS - 1 }));
    world.wait(LEASE_MS - 1);
    expect(await world.decide()).toEqual([]);
    world.wait(1);
    expect(await world.decide()).toEqual(["reverted held@1 2"]);
  });
});

describe("released jobs", () => {
  test("run as their users asked, by decision or by the stop file", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a");
    world.scheduler.add("b");
    await world.decide(decision("job", "a", 1, hold), decision("job", "b", 2, hold));
    expect(await world.decide(decision("job", "a", 3, { action: "release" }))).toEqual(["applied a@3 2"]);
    world.stopped = true;
    expect(await world.decide()).toEqual(["reverted b@2 2"]);
  });
});

describe("when something fails a scheduler agent", () => {
  test("reports a refusal once for each decision and tries again, less and less often", async () => {
    const world = new SchedulerWorld(2);
    world.scheduler.add("a");
    world.scheduler.add("b");
    await world.decide(decision("job", "a", 1, run(2)));
    world.feed.decide(decision("job", "b", 2, run(1)));
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      const result = await world.agent.reconcile();
      if (result.status !== "again") throw new Error(result.status);
      expect(result.error).toMatchObject({ code: "ERR_ACTUATOR_FAILED" });
      waits.push(result.afterMs);
      world.wait(result.afterMs);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    expect(world.log.takeActuations()).toEqual(["failed b@2 0"]);
    expect(await world.decide(decision("job", "b", 3, run(1)))).toEqual(["failed b@3 0"]);
    world.scheduler.gpus = 3;
    world.wait(1_000);
    expect(await world.decide()).toEqual(["applied b@3 1"]);
  });

  test("does not ask twice while a slow scheduler still works on it", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a");
    world.scheduler.slow = true;
    expect(await world.decide(decision("job", "a", 1, run(2)))).toEqual([]);
    expect(await world.decide()).toEqual([]);
    world.scheduler.settle();
    expect(await world.decide()).toEqual(["applied a@1 2"]);
    expect(world.scheduler.journal).toHaveLength(1);
  });

  test("runs a job again that its cluster stopped", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(2)));
    Object.assign(job, { phase: "waiting", workers: 0 });
    expect(await world.decide()).toEqual(["applied a@1 2"]);
  });

  test("rejects what is older than it had seen before its restart", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a");
    await world.decide(decision("job", "a", 5, hold));
    world.restart();
    expect(await world.decide(decision("job", "a", 4, run(2)))).toEqual(["stale a@4 0"]);
    expect(world.scheduler.journal).toEqual([]);
  });

  test("goes on once the scheduler answers again", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("a");
    world.scheduler.observing = new CarmError("ERR_ACTUATOR_FAILED", "the API server is gone");
    world.feed.decide(decision("job", "a", 1, run(2)));
    expect(await world.agent.reconcile()).toMatchObject({ status: "again", afterMs: 1_000 });
    world.scheduler.observing = null;
    expect(await world.decide()).toEqual(["applied a@1 2"]);
  });
});
