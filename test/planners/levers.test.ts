import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findPlanner, type PlanningJob } from "../../src/planners/index.ts";
import { hour, job, jobPlan, plan, problem, slotCount } from "./support.ts";

const flexible = { pausable: true, resizable: true, maxWorkers: 4, deadlineAt: 40 * hour } as const;
const dirty = (t: number) => t % 24 >= 10 && t % 24 < 18;
const runs = (workers: readonly number[]) => workers.flatMap((count, t) => (count > 0 ? [t] : []));
const isUnbroken = (slots: readonly number[]) => slots.every((t, i) => i === 0 || t === slots[i - 1]! + 1);

describe("Wait-Awhile", () => {
  test("takes the cleanest hours before the deadline and pauses between them", () => {
    const input = problem([job("a", 14, { ...flexible, submittedAt: 8 * hour })], { nowMs: 8 * hour });
    const slots = runs(jobPlan(findPlanner("wait-awhile"), input, "a").workers);
    expect(slots.some(dirty)).toBe(false);
    expect(slots).toHaveLength(14);
  });

  test("keeps to the workers asked for and the highest clock", () => {
    const entry = jobPlan(
      findPlanner("wait-awhile"),
      problem([job("a", 5, { ...flexible, requestedWorkers: 2 })]),
      "a",
    );
    expect(new Set(entry.workers)).toEqual(new Set([0, 2]));
    expect(new Set(entry.smClockMhz)).toEqual(new Set([0, 2730]));
  });

  test("runs through from its best start if it may not be interrupted", () => {
    const input = problem([job("a", 6, { deadlineAt: 26 * hour })], { nowMs: 0 });
    for (const name of ["wait-awhile-rigid", "wait-awhile"]) {
      const slots = runs(jobPlan(findPlanner(name), input, "a").workers);
      expect(isUnbroken(slots)).toBe(true);
      expect(slots.some(dirty)).toBe(false);
    }
  });

  test("runs at once where its deadline leaves no choice", () => {
    const entry = jobPlan(
      findPlanner("wait-awhile"),
      problem([job("a", 9, { ...flexible, deadlineAt: 9.2 * hour })]),
      "a",
    );
    expect(runs(entry.workers)[0]).toBe(0);
  });
});

describe("CarbonScaler", () => {
  test("widens in clean hours and is narrow or pauses in dirty ones", () => {
    const input = problem([job("a", 60, { ...flexible, deadlineAt: 30 * hour })]);
    const { workers } = jobPlan(findPlanner("carbon-scaler"), input, "a");
    const mean = (of: (t: number) => boolean) => {
      const counts = workers.slice(0, 28).filter((_, t) => of(t));
      return counts.reduce((sum, count) => sum + count, 0) / counts.length;
    };
    expect(mean((t) => !dirty(t))).toBeGreaterThan(mean(dirty) + 1);
    expect(Math.max(...workers)).toBeLessThanOrEqual(4);
  });

  test("never scales a job that may not be resized", () => {
    const input = problem([job("a", 20, { ...flexible, resizable: false, requestedWorkers: 2 })]);
    expect(new Set(jobPlan(findPlanner("carbon-scaler"), input, "a").workers)).toEqual(new Set([0, 2]));
  });
});

describe("single levers", () => {
  test("clocks only starts at arrival on the workers asked for and slows down", () => {
    const input = problem([job("a", 6, { ...flexible, requestedWorkers: 2 })]);
    const entry = jobPlan(findPlanner("clocks-only"), input, "a");
    const slots = runs(entry.workers);
    expect(slots[0]).toBe(0);
    expect(isUnbroken(slots)).toBe(true);
    expect(new Set(slots.map((t) => entry.workers[t]))).toEqual(new Set([2]));
    expect(Math.max(...entry.smClockMhz)).toBeLessThan(2730);
  });

  test("start only waits for clean hours, then runs through at the highest clock", () => {
    const input = problem([job("a", 8, { ...flexible, submittedAt: 9 * hour, deadlineAt: 40 * hour })], {
      nowMs: 9 * hour,
    });
    const entry = jobPlan(findPlanner("start-only"), input, "a");
    const slots = runs(entry.workers);
    expect(isUnbroken(slots)).toBe(true);
    expect(slots.filter(dirty).length).toBeLessThanOrEqual(1);
    expect(new Set(entry.smClockMhz)).toEqual(new Set([0, 2730]));
  });

  test("workers only starts at arrival at the highest clock and never pauses", () => {
    const entry = jobPlan(
      findPlanner("workers-only"),
      problem([job("a", 20, { ...flexible, requestedWorkers: 2 })]),
      "a",
    );
    const slots = runs(entry.workers);
    expect(slots[0]).toBe(0);
    expect(isUnbroken(slots)).toBe(true);
    expect(new Set(slots.map((t) => entry.smClockMhz[t]))).toEqual(new Set([2730]));
  });

  test("EnergyCost with clocks goes where energy is cheap, not where it is clean", () => {
    const input = problem([job("a", 6, flexible)]);
    const slots = runs(jobPlan(findPlanner("energy-cost-clocks"), input, "a").workers);
    expect(slots.every(dirty)).toBe(true);
  });
});

const jobs = fc.array(
  fc.record({
    hours: fc.double({ min: 1, max: 10, noNaN: true }),
    slack: fc.double({ min: 1.3, max: 3, noNaN: true }),
    pausable: fc.boolean(),
    resizable: fc.boolean(),
    requestedWorkers: fc.constantFrom(1, 2, 4),
  }),
  { minLength: 1, maxLength: 6 },
);
const asJobs = (
  drawn: readonly {
    hours: number;
    slack: number;
    pausable: boolean;
    resizable: boolean;
    requestedWorkers: number;
  }[],
) =>
  drawn.map(
    ({ hours, slack, ...rest }, i): PlanningJob =>
      job(`j${i}`, hours, { ...rest, deadlineAt: hours * slack * hour, restartCostMs: 120_000 }),
  );
const intensities = fc.array(fc.integer({ min: 20, max: 900 }), {
  minLength: slotCount,
  maxLength: slotCount,
});
const withIntensity = (drawn: Parameters<typeof asJobs>[0], gco2: (t: number) => number) => {
  const input = problem(asJobs(drawn));
  return { ...input, slots: input.slots.map((slot, t) => ({ ...slot, gco2PerKwh: gco2(t) })) };
};
const carbonOnly = [
  "ca-rm",
  "wait-awhile",
  "wait-awhile-rigid",
  "carbon-scaler",
  "clocks-only",
  "start-only",
  "workers-only",
];
const blind = ["energy-only", "energy-cost", "energy-cost-clocks", "max", "min", "power-cap"];
const decisions = (name: string, input: ReturnType<typeof problem>) =>
  plan(findPlanner(name), input).jobs.map(({ id, workers, smClockMhz }) => ({ id, workers, smClockMhz }));

describe("laws of all planners", () => {
  test.each(carbonOnly)("scaling intensity by a constant changes no decision: %s", (name) => {
    fc.assert(
      fc.property(jobs, intensities, fc.constantFrom(0.25, 0.5, 2, 8), (drawn, gco2, factor) => {
        const plain = decisions(
          name,
          withIntensity(drawn, (t) => gco2[t]!),
        );
        expect(
          decisions(
            name,
            withIntensity(drawn, (t) => factor * gco2[t]!),
          ),
        ).toEqual(plain);
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  test.each(blind)("intensity changes no decision of a planner that is blind to it: %s", (name) => {
    fc.assert(
      fc.property(jobs, intensities, (drawn, gco2) => {
        const flat = decisions(
          name,
          withIntensity(drawn, () => 300),
        );
        expect(
          decisions(
            name,
            withIntensity(drawn, (t) => gco2[t]!),
          ),
        ).toEqual(flat);
      }),
      { numRuns: 12, seed: 2 },
    );
  });

  test("a flat grid leaves CA-RM only the energy saving", () => {
    fc.assert(
      fc.property(jobs, fc.integer({ min: 20, max: 900 }), (drawn, gco2) => {
        const flat = withIntensity(drawn, () => gco2);
        expect(decisions("ca-rm", flat)).toEqual(decisions("energy-only", flat));
      }),
      { numRuns: 20, seed: 3 },
    );
  });

  test.each([...carbonOnly, ...blind])("keeps to capacity, abilities and clocks: %s", (name) => {
    fc.assert(
      fc.property(jobs, intensities, (drawn, gco2) => {
        const input = withIntensity(drawn, (t) => gco2[t]!);
        const used = input.slots.map(() => 0);
        for (const { id, workers } of decisions(name, input)) {
          const one = input.jobs.find((candidate) => candidate.id === id)!;
          workers.forEach((count, t) => {
            used[t]! += count;
            const allowed = one.resizable
              ? count >= one.minWorkers && count <= one.maxWorkers
              : count === one.requestedWorkers;
            expect(count === 0 || allowed).toBe(true);
          });
          if (!one.pausable) expect(isUnbroken(runs(workers))).toBe(true);
        }
        expect(Math.max(...used)).toBeLessThanOrEqual(8);
      }),
      { numRuns: 12, seed: 4 },
    );
  });
});
