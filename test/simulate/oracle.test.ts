import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type OracleProblem, solveOracle } from "../../src/simulate/index.ts";

const slot = (intensity: number, renewableW = 0) => ({ hours: 1, intensity, renewableW, pue: 1, price: 0.2 });
const job = (changes: Partial<OracleProblem["jobs"][number]> = {}) => ({
  id: "j",
  pool: "train",
  profile: "p",
  arrival: 0,
  deadline: 2,
  work: 1,
  minWorkers: 1,
  maxWorkers: 2,
  requested: { workers: 1, mhz: 1000 },
  ...changes,
});

function problem(changes: Partial<OracleProblem> = {}): OracleProblem {
  return {
    format: "carm-oracle/1",
    idle: "none",
    slots: [slot(400), slot(100)],
    pools: [{ id: "train", gpus: 2, idleW: 20 }],
    profiles: {
      p: [
        { workers: 1, mhz: 1000, rate: 1, watts: 200 },
        { workers: 2, mhz: 1000, rate: 1.8, watts: 400 },
      ],
    },
    jobs: [job()],
    services: [],
    carbonBudgetG: null,
    ...changes,
  };
}

describe("the oracle", () => {
  it("runs a job in the cleaner hour", async () => {
    const { grams, kwh, plan } = await solveOracle(problem());
    expect(grams).toBeCloseTo(20, 6);
    expect(kwh).toBeCloseTo(0.2, 6);
    expect(plan).toEqual([{ job: "j", slot: 1, workers: 1, mhz: 1000, share: expect.closeTo(1, 6) }]);
  });

  it("mixes options and hours where one is not enough", async () => {
    // 1.8 of 2 units fit into the clean hour on two GPUs, if that pays: 180 g/unit alone in the dirty hour.
    const { grams } = await solveOracle(problem({ jobs: [job({ work: 2 })] }));
    // Widening costs 200 W for 0.8 units at 100 g/kWh: 25 g a unit; the rest is done at 80 g a unit.
    expect(grams).toBeCloseTo(40 + 0.2 * 80, 5);
  });

  it("charges idle watts on all GPUs, or on those that work", async () => {
    const all = await solveOracle(problem({ idle: "all" }));
    const active = await solveOracle(problem({ idle: "active" }));
    expect(all.grams).toBeCloseTo(20 + 0.04 * 500, 6);
    expect(all.gramsAboveIdle).toBeCloseTo(20, 6);
    expect(active.grams).toBeCloseTo(22, 6);
  });

  it("takes no grid power where on-site supply is enough", async () => {
    const { grams } = await solveOracle(problem({ slots: [slot(400, 500), slot(100)] }));
    expect(grams).toBeCloseTo(0, 6);
  });

  it("gives a service its least power that holds the target, the fastest clock where none does", async () => {
    const options = [
      { mhz: 500, gpus: 1, ok: false, watts: 50 },
      { mhz: 1000, gpus: 1, ok: true, watts: 100 },
      { mhz: 1500, gpus: 1, ok: true, watts: 180 },
    ];
    const never = options.map((option) => ({ ...option, ok: false }));
    const services = [
      {
        id: "s",
        pool: "train",
        gpus: 1,
        slots: [
          { requests: 1, options },
          { requests: 1, options: never },
        ],
      },
    ];
    const { services: plan } = await solveOracle(problem({ jobs: [], services }));
    expect(plan.map(({ mhz }) => mhz)).toEqual([1000, 1500]);
  });

  it("does as much work as a budget of carbon allows", async () => {
    const { grams, plan } = await solveOracle(problem({ carbonBudgetG: 10 }));
    expect(grams).toBeLessThanOrEqual(10 + 1e-6);
    expect(plan.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(0.5, 5);
  });

  it("says so if a job can't meet its deadline", async () => {
    await expect(solveOracle(problem({ jobs: [job({ work: 10 })] }))).rejects.toThrow(
      expect.objectContaining({ code: "ERR_ORACLE_FAILED" }),
    );
  });

  it("counts the starts of whole plans, one where the GPUs are held in between", async () => {
    const hours = [slot(100), slot(400), slot(100)];
    const twice = job({ work: 2, deadline: 3, maxWorkers: 1, startG: 30 });
    const held = await solveOracle(problem({ slots: hours, jobs: [twice] }), { integral: true });
    expect(held.plan.map(({ slot: t }) => t)).toEqual([0, 2]);
    expect(held.grams).toBeCloseTo(40, 5);
    expect(held.startGrams).toBeCloseTo(30, 5);
    // Somebody else has both GPUs in between: 2 starts.
    const other = job({ id: "k", arrival: 1, deadline: 2, work: 1.8, minWorkers: 2 });
    const paused = await solveOracle(problem({ slots: hours, jobs: [twice, other] }), { integral: true });
    expect(paused.startGrams).toBeCloseTo(60, 5);
  });
});

/** Problems that can be solved: every job has the time it needs alone, and GPUs are enough for all at once. */
const problems = fc
  .record({
    intensity: fc.array(fc.integer({ min: 10, max: 800 }), { minLength: 6, maxLength: 10 }),
    jobs: fc.array(fc.record({ arrival: fc.nat(3), work: fc.integer({ min: 1, max: 3 }) }), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ intensity, jobs }) =>
    problem({
      slots: intensity.map((one) => slot(one)),
      pools: [{ id: "train", gpus: 4, idleW: 20 }],
      jobs: jobs.map(({ arrival, work }, i) =>
        job({ id: `j${i}`, arrival, work, deadline: arrival + work, maxWorkers: 2 }),
      ),
    }),
  );

describe("laws of the bound", () => {
  it("more slack never costs carbon", async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.integer({ min: 1, max: 4 }), async (one, more) => {
        const later = { ...one, jobs: one.jobs.map((j) => ({ ...j, deadline: j.deadline + more })) };
        const [tight, loose] = [await solveOracle(one), await solveOracle(later)];
        expect(loose.grams).toBeLessThanOrEqual(tight.grams * (1 + 1e-9));
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it("scaling intensity scales the grams and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.double({ min: 0.1, max: 10, noNaN: true }), async (one, factor) => {
        const slots = one.slots.map((s) => ({ ...s, intensity: s.intensity * factor }));
        const [plain, scaled] = [await solveOracle(one), await solveOracle({ ...one, slots })];
        expect(scaled.grams / factor).toBeCloseTo(plain.grams, 5);
      }),
      { numRuns: 25, seed: 2 },
    );
  });

  it("whole plans never emit less than the bound", async () => {
    await fc.assert(
      fc.asyncProperty(problems, async (one) => {
        const [bound, whole] = [await solveOracle(one), await solveOracle(one, { integral: true })];
        expect(whole.grams).toBeGreaterThanOrEqual(bound.grams * (1 - 1e-6));
      }),
      { numRuns: 15, seed: 3 },
    );
  });
});
