import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Decision } from "../../src/records/index.ts";
import { CLOCKS_MHZ, job, service } from "./fake-node.ts";
import { decision, LEASE_MS, NodeWorld, renewal, SchedulerWorld } from "./harness.ts";

const clock = fc.option(fc.integer({ min: 1, max: 3000 }));

/** What a processor may say: every epoch once, rising. */
function history(targets: readonly Decision["target"][]): fc.Arbitrary<Decision[]> {
  const one = fc.record({
    target: fc.constantFrom(...targets),
    action: fc.constantFrom("run", "hold", "pause", "release"),
    smClockMhz: clock,
    workers: fc.integer({ min: 0, max: 6 }),
    onLeaseEnd: fc.constantFrom("default", "hold", "run"),
    restarted: fc.boolean(),
  });
  return fc.array(one, { maxLength: 12 }).map((steps) => {
    let incarnation = 1;
    return steps.map(({ target, restarted, ...changed }, sequence) => {
      if (restarted) incarnation += 1;
      return decision(target.kind, target.id, sequence, { ...changed, epoch: { incarnation, sequence } });
    });
  });
}

/** The same decisions as a bad network brings them: some twice, in any order, in any portions. */
function deliveries(decisions: readonly Decision[]): fc.Arbitrary<Decision[][]> {
  if (decisions.length === 0) return fc.constant([]);
  const repeated = fc.subarray([...decisions]);
  return repeated
    .chain((extra) => {
      const all = [...decisions, ...extra];
      return fc.shuffledSubarray(all, { minLength: all.length });
    })
    .chain((all) => fc.array(fc.nat(all.length), { maxLength: 4 }).map((cuts) => portions(all, cuts)));
}

function portions<T>(all: readonly T[], cuts: readonly number[]): T[][] {
  const ends = [...cuts, all.length].sort((a, b) => a - b);
  return ends.map((end, i) => all.slice(i === 0 ? 0 : ends[i - 1], end));
}

const targets = [
  { kind: "job", id: "a" },
  { kind: "job", id: "b" },
  { kind: "service", id: "s" },
] as const;

function sharedNode(): NodeWorld {
  const world = new NodeWorld(4);
  const [first, second, third, fourth] = world.node.gpus;
  first!.tenants = [job("a")];
  second!.tenants = [job("a"), job("b")];
  third!.tenants = [job("b"), service("s")];
  fourth!.tenants = [service("s"), { kind: "unknown", id: "", share: 0.5 }];
  return world;
}

function cluster(): SchedulerWorld {
  const world = new SchedulerWorld(100);
  world.scheduler.add("a");
  world.scheduler.add("b", { resizable: false });
  world.scheduler.add("c", { pausable: false });
  return world;
}

const histories = history(targets).chain((decisions) =>
  fc.tuple(fc.constant(decisions), deliveries(decisions)),
);

const jobs = history([...targets.slice(0, 2), { kind: "job", id: "c" }]);
const jobHistories = jobs.chain((decisions) => fc.tuple(fc.constant(decisions), deliveries(decisions)));

describe("lost, repeated and reordered decisions", () => {
  test("end in the same clocks as the last decision of each target alone", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ([decisions, delivered]) => {
        const latest = new Map(
          decisions.map((decided) => [`${decided.target.kind}/${decided.target.id}`, decided]),
        );
        const ideal = sharedNode();
        await ideal.decide(...latest.values());
        const real = sharedNode();
        for (const portion of delivered) await real.decide(...portion);
        expect(real.locks).toEqual(ideal.locks);
      }),
    );
  });

  test("end in every job being as the last decision about it says, where the job allows that", async () => {
    await fc.assert(
      fc.asyncProperty(jobHistories, async ([decisions, delivered]) => {
        const world = cluster();
        for (const portion of delivered) await world.decide(...portion);
        for (const { id, phase, workers, job: spec } of world.scheduler.workloads) {
          const last = decisions.findLast(({ target }) => target.id === id);
          const allowed = spec!.resizable ? [1, 2, 3, 4] : [2];
          if (last?.action === "run" && allowed.includes(last.workers!)) expect(workers).toBe(last.workers);
          if (last?.action === "pause" && spec!.pausable) expect(phase).not.toBe("running");
          if (last?.action === "release") expect(phase).toBe("running");
        }
      }),
    );
  });
});

describe("whatever is decided", () => {
  test("no lock is outside the supported clocks, and no decision is applied to a board twice", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ([, delivered]) => {
        const world = sharedNode();
        for (const portion of delivered) {
          const asked = world.node.journal.length;
          await world.decide(...portion);
          const now = world.node.journal.slice(asked);
          expect(new Set(now.map(({ uuid }) => uuid)).size).toBe(now.length);
          await world.decide();
          expect(world.node.journal.length).toBe(asked + now.length);
          for (const { lockMhz } of now) if (lockMhz !== null) expect(CLOCKS_MHZ).toContain(lockMhz);
        }
      }),
    );
  });

  test("no lock is left when the lease has ended, except where it holds", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ([decisions, delivered]) => {
        const world = sharedNode();
        for (const portion of delivered) await world.decide(...portion);
        await world.decide(renewal(1_000, { epoch: { incarnation: 1, sequence: 1_000 } }));
        world.wait(LEASE_MS);
        await world.decide();
        const holds = decisions.some(({ onLeaseEnd }) => onLeaseEnd === "hold");
        if (!holds) expect(world.locks).toEqual([null, null, null, null]);
        await world.agent.stop();
        expect(world.locks).toEqual([null, null, null, null]);
      }),
    );
  });

  test("no job is paused or resized that did not say it may, and none has workers outside its limits", async () => {
    await fc.assert(
      fc.asyncProperty(jobHistories, fc.boolean(), async ([, delivered], restarts) => {
        const world = cluster();
        for (const portion of delivered) {
          await world.decide(...portion);
          if (restarts) world.restart();
          world.wait(LEASE_MS / 3);
        }
        for (const line of world.scheduler.journal) {
          const [verb, id, workers] = line.split(" ");
          if (verb === "pause") expect(id).not.toBe("c");
          else if (id === "b") expect(workers).toBe("2");
          else expect(["1", "2", "3", "4"]).toContain(workers);
        }
      }),
    );
  });
});
