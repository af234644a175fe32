import { describe, expect, test } from "vitest";
import { decision, LEASE_MS, SchedulerWorld } from "./harness.ts";

const run = (workers: number) => ({ workers });
const pause = { action: "pause", onLeaseEnd: "run" } as const;

describe("a job in somebody else's hands", () => {
  test("that was resized by hand is left alone and reported once for each decision, until it is reclaimed", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(2)));
    job.workers = 4;
    expect(await world.decide()).toEqual(["overridden a@1 4"]);
    expect(await world.decide()).toEqual([]);
    expect(await world.decide(decision("job", "a", 2, run(3)))).toEqual(["overridden a@2 4"]);
    expect(world.scheduler.journal).toEqual(["run a 2"]);
    world.agent.reclaim();
    expect(await world.decide()).toEqual(["applied a@2 3"]);
  });

  test("that was paused by hand is not resumed, not at the lease's end either", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(2)));
    Object.assign(job, { phase: "paused", workers: 0 });
    expect(await world.decide()).toEqual(["overridden a@1 0"]);
    world.wait(2 * LEASE_MS);
    expect(await world.decide()).toEqual([]);
    expect(world.scheduler.journal).toEqual(["run a 2"]);
  });

  test("that was resumed by hand after it was paused runs on", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(2)));
    await world.decide(decision("job", "a", 2, pause));
    Object.assign(job, { phase: "running", workers: 2 });
    expect(await world.decide()).toEqual(["overridden a@2 2"]);
    expect(world.scheduler.journal).toEqual(["run a 2", "pause a"]);
  });

  test("is known as such after a restart of the agent", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(2)));
    world.restart();
    job.workers = 1;
    expect(await world.decide(decision("job", "a", 2, run(3)))).toEqual(["overridden a@2 1"]);
  });

  test("that is reclaimed just as it was decided says so", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(2)));
    job.workers = 3;
    await world.decide();
    job.workers = 2;
    expect(await world.decide()).toEqual([]);
    world.agent.reclaim();
    expect(await world.decide()).toEqual(["applied a@1 2"]);
  });
});

describe("no other hand is seen in", () => {
  test("a change that was asked for and came after a crash", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(2)));
    world.scheduler.slow = true;
    await world.decide(decision("job", "a", 2, run(4)));
    world.restart();
    world.scheduler.settle();
    expect(job.workers).toBe(4);
    expect(await world.decide(decision("job", "a", 3, run(1)))).toEqual([]);
    world.scheduler.settle();
    expect(await world.decide()).toEqual(["applied a@3 1"]);
  });

  test("what a job had before anything was decided about it, or after it was released", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    Object.assign(job, { phase: "running", workers: 4 });
    expect(await world.decide(decision("job", "a", 1, run(2)))).toEqual(["applied a@1 2"]);
    await world.decide(decision("job", "a", 2, { action: "release" }));
    job.workers = 3;
    expect(await world.decide()).toEqual([]);
    expect(await world.decide(decision("job", "a", 3, run(2)))).toEqual(["applied a@3 2"]);
  });

  test("a job that its scheduler put back in the queue and started again", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    await world.decide(decision("job", "a", 1, run(2)));
    Object.assign(job, { phase: "waiting", workers: 0 });
    expect(await world.decide()).toEqual(["applied a@1 2"]);
  });
});

test("a change is not asked for while the agent's memory can't be written", async () => {
  const world = new SchedulerWorld();
  world.scheduler.add("a");
  const save = world.store.save;
  let full = true;
  world.store.save = async (memory) => {
    if (full) throw new Error("no space left");
    await save(memory);
  };
  await world.decide(decision("job", "a", 1, run(2)));
  expect(world.scheduler.journal).toEqual([]);
  full = false;
  world.wait(1_000);
  expect(await world.decide()).toEqual(["applied a@1 2"]);
});
