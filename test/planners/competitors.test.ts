import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JobPlan, Planner, PlanningProblem } from "../../src/planners/index.ts";
import { findPlanner } from "../../src/planners/index.ts";
import { hour, job, jobPlan, plan, problem, profileOf, slotCount } from "./support.ts";

const [max, min, powerCap, energyCost] = ["max", "min", "power-cap", "energy-cost"].map(findPlanner) as [
  Planner,
  Planner,
  Planner,
  Planner,
];

const firstSlot = (entry: JobPlan) => entry.workers.findIndex((workers) => workers > 0);

/** Price of the energy that a plan uses, above idle. */
function cost(entry: JobPlan, input: PlanningProblem): number {
  return input.slots.reduce((sum, slot, t) => {
    const end = Math.min(slot.startsAt + hour, entry.expectedFinishAt ?? Number.POSITIVE_INFINITY);
    return (
      sum + entry.workers[t]! * slot.pricePerKwh * Math.max(0, end - Math.max(slot.startsAt, input.nowMs))
    );
  }, 0);
}

describe("MAX", () => {
  test("starts at once, at the top clock, on the workers asked for", () => {
    const entry = jobPlan(max, problem([job("a", 2.5, { requestedWorkers: 4 })]), "a");
    expect(entry.workers.slice(0, 4)).toEqual([4, 4, 4, 0]);
    expect(entry.smClockMhz.slice(0, 4)).toEqual([2730, 2730, 2730, 0]);
    expect(entry.expectedFinishAt).toBeCloseTo(2.5 * hour, -1);
    expect(entry.feasible).toBe(true);
  });

  test("starts in the middle of a slot, too, and counts the restart", () => {
    const input = problem([job("a", 1, { restartCostMs: hour / 4 })], { nowMs: hour / 2 });
    const entry = jobPlan(max, input, "a");
    expect(entry.workers.slice(0, 3)).toEqual([1, 1, 0]);
    expect(entry.expectedFinishAt).toBeCloseTo(1.75 * hour, -1);
  });

  test("first come, first served; a later job fills a gap only where it delays nobody", () => {
    const input = problem([
      job("first", 3, { requestedWorkers: 4, submittedAt: 1 }),
      job("wide", 3, { requestedWorkers: 8, submittedAt: 2 }),
      job("long", 4, { requestedWorkers: 4, submittedAt: 3 }),
      job("short", 2, { requestedWorkers: 4, submittedAt: 4 }),
    ]);
    const starts = plan(max, input).jobs.map(firstSlot);
    expect(starts).toEqual([0, 3, 6, 0]);
  });

  test("a higher priority goes first", () => {
    const input = problem([
      job("usual", 3, { requestedWorkers: 8, submittedAt: 1 }),
      job("urgent", 3, { requestedWorkers: 8, submittedAt: 2, priority: 1 }),
    ]);
    expect(plan(max, input).jobs.map(firstSlot)).toEqual([3, 0]);
  });

  test("waits for the earliest start that the user set", () => {
    expect(firstSlot(jobPlan(max, problem([job("a", 1, { earliestStartAt: 5 * hour })]), "a"))).toBe(5);
  });

  test("leaves services their GPUs and runs them at the top clock", () => {
    const arrivals = {
      issuedAt: 0,
      startsAt: 0,
      stepMs: hour,
      levels: [0.5],
      values: [new Float64Array(slotCount).fill(100)],
      skill: 1,
    };
    const service = {
      id: "s",
      pool: "train",
      profile: profileOf("resnet50-vision"),
      gpus: 6,
      latencyQuantile: 0.99,
      latencyTargetMs: 50,
      arrivals,
    };
    const input = problem(
      [job("small", 1, { requestedWorkers: 2 }), job("wide", 1, { requestedWorkers: 4 })],
      {
        services: [service],
      },
    );
    const result = plan(max, input);
    expect(result.jobs.map(firstSlot)).toEqual([0, -1]);
    expect(result.services).toEqual([{ id: "s", smClockMhz: new Array(slotCount).fill(2730) }]);
  });

  test("keeps a cluster's power cap even with all GPUs busy", () => {
    const entry = jobPlan(max, problem([job("a", 1)], { powerCapWatts: 16 * 300 }), "a");
    expect(entry.smClockMhz[0]).toBeGreaterThan(2000);
    expect(entry.smClockMhz[0]).toBeLessThan(2300);
  });

  test("says at once that a deadline can't be met, unless more workers could meet it", () => {
    const input = problem([
      job("late", 4, { deadlineAt: 3 * hour }),
      job("wider", 4, { deadlineAt: 3 * hour, resizable: true }),
    ]);
    expect(plan(max, input).jobs.map(({ feasible }) => feasible)).toEqual([false, true]);
  });

  test("a job of unknown length holds its GPUs, and has no end", () => {
    const entry = jobPlan(max, problem([job("a", 1, { samplesLeft: Number.POSITIVE_INFINITY })]), "a");
    expect(entry.workers).toEqual(new Array(slotCount).fill(1));
    expect(entry.expectedFinishAt).toBeNull();
    expect(entry.expectedGrams).toBeGreaterThan(0);
    expect(Number.isFinite(entry.expectedGrams)).toBe(true);
  });
});

test("expected grams are energy above idle times intensity and PUE, net of a share of the on-site supply", () => {
  const input = problem([job("a", 2)]);
  const watts = 417.5 - 20;
  const grams = (watts / 1000) * 2 * 200 * 1.2;
  expect(jobPlan(max, input, "a").expectedGrams).toBeCloseTo(grams, 1);
  // Eight GPUs of the pool idle at 20 W, one of them works.
  const facilityWatts = (8 * 20 + watts) * 1.2;
  const half = input.slots.map((slot) => ({ ...slot, onSiteWatts: facilityWatts / 2 }));
  expect(jobPlan(max, { ...input, slots: half }, "a").expectedGrams).toBeCloseTo(grams / 2, 1);
});

test("MIN runs at the lowest supported clock, or the lowest that the policy allows", () => {
  expect(jobPlan(min, problem([job("a", 1)]), "a").smClockMhz[0]).toBe(210);
  const limits = { minSmClockMhz: 1000, maxSmClockMhz: null };
  expect(jobPlan(min, problem([job("a", 1)], { limits }), "a").smClockMhz[0]).toBe(1005);
});

test("PowerCap runs at the highest clock at which a busy GPU draws at most 70 % of its limit", () => {
  const profile = profileOf("resnet50");
  const clock = jobPlan(powerCap, problem([job("a", 1)]), "a").smClockMhz[0]!;
  const watts = (at: number) => {
    const upper = profile.curve.findIndex((point) => point.smClockMhz >= at);
    const [a, b] = [profile.curve[upper - 1]!, profile.curve[upper]!];
    const share = (at - a.smClockMhz) / (b.smClockMhz - a.smClockMhz);
    return a.powerWatts + share * (b.powerWatts - a.powerWatts);
  };
  expect(watts(clock)).toBeLessThanOrEqual(315);
  expect(watts(clock + 15)).toBeGreaterThan(315);
});

describe("EnergyCost", () => {
  test("starts in the cheapest hours that keep the deadline, though they are dirty", () => {
    const entry = jobPlan(energyCost, problem([job("a", 4, { deadlineAt: 24 * hour })]), "a");
    expect(firstSlot(entry)).toBe(10);
    expect(entry.expectedFinishAt).toBeCloseTo(14 * hour, -1);
    expect(entry.smClockMhz[10]).toBe(2730);
  });

  test("starts at once where waiting saves nothing, without a deadline, or where the deadline leaves no time", () => {
    const flat = problem([]).slots.map((slot) => ({ ...slot, pricePerKwh: 0.2 }));
    const late = job("late", 4, { deadlineAt: 24 * hour });
    expect(firstSlot(jobPlan(energyCost, problem([late], { slots: flat }), "late"))).toBe(0);
    expect(firstSlot(jobPlan(energyCost, problem([job("free", 4)]), "free"))).toBe(0);
    const tight = job("tight", 4, { deadlineAt: 4.1 * hour });
    expect(firstSlot(jobPlan(energyCost, problem([tight]), "tight"))).toBe(0);
  });

  test("the job with the least time left gets the cheap hours when two compete", () => {
    const input = problem([
      job("patient", 4, { requestedWorkers: 8, deadlineAt: 48 * hour, submittedAt: 1 }),
      job("pressed", 8, { requestedWorkers: 8, deadlineAt: 20 * hour, submittedAt: 2 }),
    ]);
    expect(plan(energyCost, input).jobs.map(firstSlot)).toEqual([34, 10]);
  });

  test("alone, a job never costs more than under MAX and never misses a deadline that MAX would keep", () => {
    const prices = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: slotCount,
      maxLength: slotCount,
    });
    const hours = fc.double({ min: 0.1, max: 20, noNaN: true });
    const slack = fc.double({ min: 1, max: 4, noNaN: true });
    const nowMs = fc.integer({ min: 0, max: hour - 1 });
    fc.assert(
      fc.property(prices, hours, slack, nowMs, (pricePerKwh, length, times, now) => {
        const slots = problem([]).slots.map((slot, t) => ({ ...slot, pricePerKwh: pricePerKwh[t]! }));
        const deadlineAt = now + times * length * hour + 1000;
        const input = problem([job("a", length, { deadlineAt })], { slots, nowMs: now });
        const [cheap, eager] = [jobPlan(energyCost, input, "a"), jobPlan(max, input, "a")];
        expect(eager.expectedFinishAt).toBeLessThanOrEqual(deadlineAt);
        const startAt = Math.max(now, slots[firstSlot(cheap)]!.startsAt);
        expect(startAt + length * hour).toBeLessThanOrEqual(deadlineAt);
        if (cheap.expectedFinishAt !== null)
          expect(cost(cheap, input)).toBeLessThanOrEqual(cost(eager, input) * (1 + 1e-6));
      }),
    );
  });
});

describe.each([max, min, powerCap, energyCost])("$name", (planner) => {
  const workerCount = fc.constantFrom(1, 2, 4, 8);
  const anyJob = fc.record({
    hours: fc.double({ min: 0.1, max: 30, noNaN: true }),
    requestedWorkers: workerCount,
    deadlineAt: fc.option(fc.integer({ min: 1, max: 60 * hour }), { nil: null }),
    earliestStartAt: fc.option(fc.integer({ min: 0, max: 10 * hour }), { nil: null }),
    pausable: fc.boolean(),
    resizable: fc.boolean(),
    running: fc.boolean(),
    submittedAt: fc.nat(100),
  });
  const anyProblem = fc
    .record({
      jobs: fc.array(anyJob, { maxLength: 12 }),
      nowMs: fc.integer({ min: 0, max: hour - 1 }),
      lostGpus: fc.integer({ min: 0, max: 8 }),
    })
    .map(({ jobs, nowMs, lostGpus }) => {
      let free = 8;
      const made = jobs.map(({ hours, running, ...rest }, i) => {
        const workers = running && rest.requestedWorkers <= free ? rest.requestedWorkers : 0;
        free -= workers;
        return job(`j${i}`, hours, { ...rest, workers, started: workers > 0 });
      });
      const fixed = made.filter(({ pausable }) => !pausable).reduce((sum, { workers }) => sum + workers, 0);
      const pools = problem([]).pools.map((entry) =>
        entry.pool.name === "train" ? { ...entry, gpus: Math.max(fixed, 8 - lostGpus) } : entry,
      );
      return problem(made, { nowMs, pools });
    });

  test("keeps the laws: capacity, jobs that may not be paused go on, workers and clocks allowed, no breaks", () => {
    fc.assert(
      fc.property(anyProblem, (input) => {
        const result = plan(planner, input);
        expect(result.jobs.map(({ id }) => id)).toEqual(input.jobs.map(({ id }) => id));
        const gpus = input.pools.find(({ pool }) => pool.name === "train")!.gpus;
        for (let t = 0; t < slotCount; t++) {
          const used = result.jobs.reduce((sum, entry) => sum + entry.workers[t]!, 0);
          expect(used).toBeLessThanOrEqual(gpus);
        }
        result.jobs.forEach((entry, i) => {
          const { workers, pausable, requestedWorkers, earliestStartAt } = input.jobs[i]!;
          if (workers > 0 && !pausable) expect(entry.workers[0]).toBe(workers);
          const used = entry.workers.filter((count) => count > 0);
          expect(used.every((count) => count === requestedWorkers)).toBe(true);
          const first = firstSlot(entry);
          if (first < 0) return;
          expect(entry.workers.slice(first, first + used.length)).toEqual(used);
          expect(entry.smClockMhz.map((clock) => clock > 0)).toEqual(entry.workers.map((count) => count > 0));
          if (workers === 0) {
            const startAt = Math.max(input.nowMs, input.slots[first]!.startsAt);
            expect(startAt).toBeGreaterThanOrEqual(earliestStartAt ?? 0);
          }
        });
      }),
    );
  });

  test("gives the same plan for the same problem", () => {
    fc.assert(
      fc.property(anyProblem, (input) => {
        expect(plan(planner, input)).toEqual(plan(planner, structuredClone(input)));
      }),
      { numRuns: 20 },
    );
  });

  test("goes on with what runs, without a second restart", () => {
    const running = job("a", 2, { workers: 1, started: true, restartCostMs: hour, deadlineAt: 40 * hour });
    const entry = jobPlan(planner, problem([running]), "a");
    expect(firstSlot(entry)).toBe(0);
    if (planner !== min && planner !== powerCap) expect(entry.expectedFinishAt).toBeCloseTo(2 * hour, -1);
  });
});
