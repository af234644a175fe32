import { describe, expect, test } from "vitest";
import { decision, SchedulerWorld, START } from "./harness.ts";

const PROGRESS_MS = 60_000;

function sequencesRise(world: SchedulerWorld): void {
  const last = new Map<string, number>();
  for (const { subject, sequence } of world.log.of("carm.job-events")) {
    expect(sequence).toBeGreaterThan(last.get(subject) ?? 0);
    last.set(subject, sequence);
  }
}

describe("the life of a job is told", () => {
  test("from its submission with all that its user said to its end, each thing once", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a", { deadlineAt: START + 3_600_000 });
    await world.agent.reconcile();
    expect(world.log.of("carm.job-events")).toEqual([
      {
        cluster: "lab",
        observedAt: START,
        subject: "a",
        sequence: START,
        type: "submitted",
        job: job.job,
        service: null,
        progress: null,
        detail: "",
      },
    ]);
    world.log.takeEvents();
    world.feed.decide(decision("job", "a", 1, { workers: 2 }));
    expect(await world.events()).toEqual(["started a 2"]);
    world.feed.decide(decision("job", "a", 2, { workers: 3 }));
    expect(await world.events()).toEqual(["resized a 3"]);
    world.feed.decide(decision("job", "a", 3, { action: "pause" }));
    expect(await world.events()).toEqual(["paused a 0"]);
    world.feed.decide(decision("job", "a", 4, { workers: 1 }));
    expect(await world.events()).toEqual(["resumed a 1"]);
    expect(await world.events()).toEqual([]);
    Object.assign(job, { phase: "finished", workers: 0, samplesDone: 1e6 });
    expect(await world.events()).toEqual(["finished a 0"]);
    expect(await world.events()).toEqual([]);
  });

  test("with progress at its interval while it runs", async () => {
    const world = new SchedulerWorld();
    Object.assign(world.scheduler.add("a"), { phase: "running", workers: 2 });
    expect(await world.events()).toEqual(["submitted a", "started a 2"]);
    world.wait(PROGRESS_MS - 1);
    expect(await world.events()).toEqual([]);
    world.wait(1);
    expect(await world.events()).toEqual(["progress a 2"]);
    expect(await world.events()).toEqual([]);
  });

  test("with the reason for its failure or its end by hand", async () => {
    const world = new SchedulerWorld();
    const failed = world.scheduler.add("a");
    const cancelled = world.scheduler.add("b");
    await world.events();
    Object.assign(failed, { phase: "failed", detail: "out of memory" });
    Object.assign(cancelled, { phase: "cancelled", detail: "by alice" });
    await world.agent.reconcile();
    expect(world.log.of("carm.job-events")).toMatchObject([
      { type: "failed", subject: "a", detail: "out of memory" },
      { type: "cancelled", subject: "b", detail: "by alice" },
    ]);
  });

  test("with what was passed between two looks", async () => {
    const world = new SchedulerWorld();
    Object.assign(world.scheduler.add("quick"), { phase: "finished", samplesDone: 10 });
    Object.assign(world.scheduler.add("stopped"), { phase: "paused", samplesDone: 10 });
    expect(await world.events()).toEqual([
      "submitted quick",
      "started quick 0",
      "finished quick 0",
      "submitted stopped",
      "started stopped 0",
      "paused stopped 0",
    ]);
    sequencesRise(world);
  });

  test("as cancelled when it vanishes before its end, and not at all after", async () => {
    const world = new SchedulerWorld();
    world.scheduler.add("gone");
    const finished = world.scheduler.add("finished");
    await world.events();
    finished.phase = "finished";
    await world.events();
    world.scheduler.workloads = [];
    expect(await world.events()).toEqual(["cancelled gone"]);
    expect(await world.events()).toEqual([]);
  });

  test("once over a restart, with a sequence that goes on, and without what happened meanwhile being lost", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    await world.agent.reconcile();
    job.phase = "running";
    job.workers = 2;
    await world.agent.reconcile();
    world.restart();
    job.workers = 4;
    await world.agent.reconcile();
    // What may not have reached the log is sent again under the same sequence, so that readers drop it.
    const told = new Map(world.log.of("carm.job-events").map(({ sequence, type }) => [sequence, type]));
    expect([...told.values()]).toEqual(["submitted", "started", "resized"]);
    expect([...told.keys()]).toEqual([...told.keys()].sort((a, b) => a - b));
  });

  test("also if the broker was away when it happened and the agent was restarted before it came back", async () => {
    const world = new SchedulerWorld();
    const job = world.scheduler.add("a");
    world.log.failure = new Error("the broker is away");
    expect(await world.agent.reconcile()).toMatchObject({
      status: "again",
      error: { message: "the broker is away" },
    });
    job.phase = "running";
    job.workers = 2;
    await world.agent.reconcile();
    world.restart();
    world.log.failure = null;
    expect((await world.events()).slice(0, 2)).toEqual(["submitted a", "started a 2"]);
  });
});

describe("the life of a service is told", () => {
  test("when it is declared and when it is removed", async () => {
    const world = new SchedulerWorld();
    const service = world.scheduler.addService("s");
    await world.agent.reconcile();
    expect(world.log.of("carm.job-events")).toMatchObject([
      { type: "service_declared", subject: "s", service: service.service, job: null },
    ]);
    world.log.takeEvents();
    world.scheduler.workloads = [];
    expect(await world.events()).toEqual(["service_removed s"]);
  });
});
