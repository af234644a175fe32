import { describe, expect, it } from "vitest";
import { profileLibrary, samplesPerSecond } from "../../src/profiles/index.ts";
import type { Plan } from "../../src/records/index.ts";
import { decisionsOf, HOUR_MS, plansOf, START, StepWorld, valuesOf } from "../support/step-world.ts";

const triggers = (world: StepWorld) => plansOf(world.settle()).map(({ trigger }) => trigger);

describe("a new plan is made at once", () => {
  it("when a job is submitted, when it ends, when it is paused by others", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.jobEvent("submitted", 1, { job: world.job({ pausable: false }) }));
    expect(triggers(world)).toEqual(["job-submitted"]);
    const progress = { samplesDone: 10, workers: 3 };
    world.tell("carm.job-events", world.jobEvent("started", 2, { progress }));
    world.settle();
    world.tell("carm.job-events", world.jobEvent("paused", 3, { progress: { ...progress, workers: 0 } }));
    expect(triggers(world)).toEqual(["job-paused"]);
    world.tell("carm.job-events", world.jobEvent("cancelled", 4));
    expect(triggers(world)).toEqual(["job-cancelled"]);
  });

  it("when a GPU is lost, with the first sample that says so, and when it is back", () => {
    const world = new StepWorld();
    world.tell("carm.gpu-telemetry", world.telemetry([{}, {}]));
    world.wait(60_000);
    world.settle();
    world.tell("carm.gpu-telemetry", world.telemetry([{}, { healthy: false }]));
    expect(triggers(world)).toEqual(["capacity"]);
    world.tell("carm.gpu-telemetry", world.telemetry([{}, {}]));
    expect(triggers(world)).toEqual(["capacity"]);
  });

  it("when somebody else takes a board", () => {
    const world = new StepWorld();
    world.tell("carm.gpu-telemetry", world.telemetry([{}]));
    world.settle();
    world.tell("carm.gpu-telemetry", world.telemetry([{ overridden: true, lockedSmClockMhz: 900 }]));
    expect(triggers(world)).toEqual(["overridden"]);
  });

  it("when an hour's intensity becomes known or is revised, and when a provider revises its forecast", () => {
    const world = new StepWorld();
    world.tell("carm.grid-intensity", world.grid(0));
    expect(triggers(world)).toEqual(["grid-intensity"]);
    world.tell("carm.grid-intensity", world.grid(0, { gco2PerKwh: 77 }));
    expect(triggers(world)).toEqual(["grid-intensity"]);
    world.tell("carm.grid-intensity", world.grid(8, { kind: "forecast" }));
    expect(triggers(world)).toEqual(["provider-forecast"]);
  });

  it("when policy, cluster or profiles change; what was planned under the old ones is void", () => {
    const world = new StepWorld();
    world.tell("carm.policies", { ...world.policy(2), maxSmClockMhz: 1500 });
    expect(triggers(world)).toEqual(["policy"]);
    world.tell("carm.clusters", { ...world.cluster(), powerCapWatts: 900 });
    expect(triggers(world)).toEqual(["cluster"]);
    world.tell("carm.clusters", { ...world.cluster(), powerCapWatts: 900 });
    expect(triggers(world)).toEqual([]);
  });

  it("when a service misses its target, but not with every window that does", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.service(1));
    world.settle();
    world.tell("carm.request-rate", world.window(world.nowMs - 10_000));
    world.settle();
    world.wait(600_000);
    for (let i = 0; i < 3; i += 1) {
      world.nowMs += 10_000;
      world.tell("carm.request-rate", world.window(world.nowMs - 10_000, { overTarget: 200 }));
    }
    expect(triggers(world)).toEqual(["latency-breach"]);
  });
});

describe("a record that comes twice", () => {
  it("emits nothing, whatever it is", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.service(1));
    world.tell("carm.job-events", world.jobEvent("submitted", 1));
    world.settle();
    const again = [
      () => world.tell("carm.clusters", world.cluster()),
      () => world.tell("carm.policies", world.policy(1)),
      () => world.tell("carm.grid-intensity", world.grid(-1)),
      () => world.tell("carm.job-events", world.jobEvent("submitted", 1)),
      () => world.tell("carm.job-events", world.service(1)),
      () => world.tell("carm.request-rate", world.window(START)),
      () => world.tell("carm.gpu-telemetry", world.telemetry([{}], { observedAt: START })),
      () => world.tell("carm.actuations", actuation("failed")),
    ];
    world.tell("carm.request-rate", world.window(START));
    world.tell("carm.gpu-telemetry", world.telemetry([{}], { observedAt: START }));
    world.tell("carm.actuations", actuation("failed"));
    world.settle();
    expect(again.flatMap((tell) => tell())).toEqual([]);
    expect(plansOf(world.settle())).toEqual([]);
  });
});

describe("a record that comes late", () => {
  it("of a request window is counted if it is still remembered, but moves no clock; an older one is not counted", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.service(1));
    world.settle();
    world.tell("carm.request-rate", world.window(START + 700_000));
    world.settle();
    expect(world.tell("carm.request-rate", world.window(START + 300_000, { overTarget: 900 }))).toEqual([]);
    world.tell("carm.request-rate", world.window(START + 50_000, { overTarget: 900 }));
    const entries = valuesOf(world.wait(2 * HOUR_MS), "carm.ledger").filter(
      ({ subject }) => subject === "vision",
    );
    expect(entries.at(-1)).toMatchObject({ requests: 2000, requestsOverTarget: 900 });
  });

  it("of telemetry is dropped: the energy counter makes good what is lost", () => {
    const world = new StepWorld();
    const sample = (minute: number, joules: number) =>
      world.telemetry([{ energyMillijoules: joules * 1000 }], { observedAt: START + minute * 60_000 });
    world.tell("carm.gpu-telemetry", sample(1, 1000));
    world.tell("carm.gpu-telemetry", sample(3, 3000));
    world.tell("carm.gpu-telemetry", sample(2, 2000));
    const entries = valuesOf(world.wait(2 * HOUR_MS), "carm.ledger").filter(
      ({ subjectKind }) => subjectKind === "idle",
    );
    expect(entries.at(-1)?.energyKwh).toBeCloseTo((2000 / 3.6e6) * 1, 9);
  });

  it("of a job is dropped: what happened later is known", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.jobEvent("submitted", 1));
    const progress = (samplesDone: number) => ({ progress: { samplesDone, workers: 2 } });
    world.tell("carm.job-events", world.jobEvent("started", 2, progress(0)));
    world.tell("carm.job-events", world.jobEvent("progress", 4, progress(900)));
    expect(world.tell("carm.job-events", world.jobEvent("paused", 3, progress(500)))).toEqual([]);
    const jobs = valuesOf(
      world.tell("carm.job-events", world.jobEvent("finished", 5, progress(1000))),
      "carm.jobs",
    );
    expect(jobs).toMatchObject([{ state: "finished", samplesDone: 1000 }]);
  });

  it("of an hour's intensity restates the ledger; one of a less certain kind changes nothing", () => {
    const world = new StepWorld();
    const sample = (minute: number) => world.telemetry([{}], { observedAt: START + minute * 60_000 });
    world.tell("carm.gpu-telemetry", sample(1));
    world.tell("carm.gpu-telemetry", sample(50));
    world.wait(2 * HOUR_MS);
    const restated = valuesOf(
      world.tell("carm.grid-intensity", world.grid(0, { gco2PerKwh: 500 })),
      "carm.ledger",
    );
    expect(restated).toMatchObject([{ revision: 1, intensityKind: "measured" }]);
    expect(world.tell("carm.grid-intensity", world.grid(0, { kind: "estimated", gco2PerKwh: 5 }))).toEqual(
      [],
    );
  });

  it("of a service that is gone does not bring it back", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.service(1));
    world.tell("carm.job-events", world.service(3, "service_removed"));
    expect(world.tell("carm.job-events", world.service(2))).toEqual([]);
    world.settle();
    expect(plansOf(world.outputs).at(-1)?.services).toEqual([]);
  });
});

describe("a record that can't be used", () => {
  it("is refused with what is wrong and what would be right, and the cluster goes on", () => {
    const world = new StepWorld();
    const wrongPool = world.jobEvent("submitted", 1, { job: world.job({ pool: "trainig" }) });
    expect(world.tell("carm.job-events", wrongPool)).toEqual([
      {
        refused: {
          reason: "ERR_RECORD_INVALID",
          detail: "there is no pool trainig; the cluster has training, inference",
        },
      },
    ]);
    expect(world.tell("carm.policies", { ...world.policy(2), planner: "best" })).toMatchObject([
      { refused: { reason: "ERR_RECORD_INVALID", detail: expect.stringContaining("ca-rm") } },
    ]);
    expect(world.tell("carm.job-events", world.jobEvent("started", 2))).toMatchObject([{ refused: {} }]);
    world.tell("carm.job-events", world.jobEvent("submitted", 3));
    expect(plansOf(world.settle())).toHaveLength(1);
  });
});

describe("the measured speed of a job", () => {
  /** What plans think of its speed after two quarters of an hour at `share` of the profile's, if it crashes in between. */
  const ratioAfter = (share: number, samplesLost: number) => {
    const world = new StepWorld();
    const job = world.job({ resizable: false, deadlineAt: null });
    world.tell("carm.job-events", world.jobEvent("submitted", 1, { job }));
    world.settle();
    const clockMhz = decisionsOf(world.outputs).at(-1)?.smClockMhz as number;
    const profile = profileLibrary.find(({ model, gpu }) => model === job.model && gpu.model === "rtx-4090");
    const perMinute = 60 * share * samplesPerSecond(profile!, 2, clockMhz);
    const report = (type: "started" | "progress", minute: number) => {
      const samplesDone = Math.max(0, minute * perMinute - (minute > 16 ? samplesLost : 0));
      world.tell(
        "carm.job-events",
        world.jobEvent(type, 2 + minute, { progress: { samplesDone, workers: 2 } }),
      );
    };
    report("started", 0);
    for (let minute = 1; minute <= 32; minute += 1) {
      world.wait(60_000);
      report("progress", minute);
    }
    world.tell("carm.grid-intensity", world.grid(0));
    const plan = plansOf(world.settle()).at(-1) as Plan;
    return JSON.parse(plan.problem).jobs[0].speedRatio as number;
  };

  it("mends the plans' idea of it", () => {
    expect(ratioAfter(0.8, 0)).toBeCloseTo(0.8, 1);
  });

  it("is not taken across a crash that lost work", () => {
    expect(ratioAfter(0.8, 30_000)).toBeCloseTo(0.8, 1);
  });
});

describe("what has ended", () => {
  it("is removed from the control topic", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.jobEvent("submitted", 1));
    world.tell("carm.job-events", world.service(1));
    world.settle();
    expect(world.tell("carm.job-events", world.jobEvent("cancelled", 2))).toContainEqual({
      topic: "carm.decisions",
      removedKey: "lab/job/job",
    });
    expect(world.tell("carm.job-events", world.service(2, "service_removed"))).toContainEqual({
      topic: "carm.decisions",
      removedKey: "lab/service/vision",
    });
  });

  it("may come again under the same name", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.jobEvent("submitted", 1));
    world.settle();
    world.tell("carm.job-events", world.jobEvent("failed", 2));
    world.tell("carm.job-events", world.jobEvent("submitted", 3));
    expect(decisionsOf(world.settle()).map(({ target }) => target)).toContainEqual({
      kind: "job",
      id: "job",
    });
  });
});

describe("the grid falls silent", () => {
  const codeAfter = (hours: number) => {
    const world = new StepWorld(28);
    world.nowMs += hours * HOUR_MS;
    world.tell("carm.job-events", world.jobEvent("submitted", 1));
    return decisionsOf(world.settle()).find(({ target }) => target.kind === "job")?.reason.code;
  };

  it("then timing goes by the forecast, then by the usual day, then not at all, and the reason says so", () => {
    expect(codeAfter(0)).toMatch(/^plan(-wait)?$/);
    expect(codeAfter(30)).toMatch(/^plan(-wait)?-climatology$/);
    expect(codeAfter(8 * 24)).toBe("plan-no-forecast");
  });
});

describe("prices", () => {
  it("published for hours to come are what EnergyCost plans with", () => {
    const world = new StepWorld();
    world.tell("carm.policies", { ...world.policy(2), planner: "energy-cost" });
    for (let hour = -24; hour < 0; hour += 1) {
      world.tell("carm.grid-intensity", world.grid(hour, { pricePerKwh: hour === -20 ? 0.01 : 0.2 }));
    }
    world.settle();
    world.tell("carm.job-events", world.jobEvent("submitted", 1));
    const firstHour = () =>
      plansOf(world.settle())
        .at(-1)
        ?.jobs[0]?.workers.findIndex((count) => count > 0);
    expect(firstHour()).toBe(4);
    for (let hour = 0; hour < 24; hour += 1) {
      const pricePerKwh = hour === 7 ? 0.01 : 0.2;
      world.tell("carm.grid-intensity", world.grid(hour, { kind: "forecast", pricePerKwh }));
    }
    expect(firstHour()).toBe(7);
  });

  it("are not lost when another source revises the hour without one", () => {
    const world = new StepWorld();
    world.tell("carm.policies", { ...world.policy(2), planner: "energy-cost" });
    for (let hour = 0; hour < 24; hour += 1) {
      const pricePerKwh = hour === 7 ? 0.01 : 0.2;
      world.tell("carm.grid-intensity", world.grid(hour, { kind: "forecast", pricePerKwh }));
    }
    world.tell("carm.grid-intensity", world.grid(7, { kind: "forecast", gco2PerKwh: 444 }));
    world.tell("carm.job-events", world.jobEvent("submitted", 1));
    expect(
      plansOf(world.settle())
        .at(-1)
        ?.jobs[0]?.workers.findIndex((count) => count > 0),
    ).toBe(7);
  });
});

function actuation(result: "failed" | "applied") {
  return {
    cluster: "lab",
    observedAt: START,
    agent: "node-1",
    sequence: 7,
    target: { kind: "job" as const, id: "job" },
    epoch: { incarnation: 1, sequence: 1 },
    result,
    smClockMhz: null,
    workers: null,
    detail: "",
  };
}
