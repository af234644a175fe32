import { describe, expect, test } from "vitest";
import { demoResult, jsonOutput, type PolicyMeasurements } from "../../src/report/index.ts";
import { type SampleTotals, sampleInput, sampleRun } from "./sample-run.ts";

function resultOf(runs: readonly PolicyMeasurements[]) {
  return demoResult({ runs, input: sampleInput, provenance: ["from a test"], attribution: ["© someone"] });
}

const four = (overrides: { readonly [policy: string]: Partial<SampleTotals> } = {}) =>
  Object.entries({ max: 100, min: 60, "power-cap": 80, "energy-cost": 96 }).map(([policy, kgCo2]) =>
    sampleRun(policy, { kgCo2, ...overrides[policy] }),
  );

describe("savings", () => {
  test("are fractions of the competitors' carbon", () => {
    const result = resultOf([sampleRun("ca-rm", { kgCo2: 63 }), ...four({ min: { deadlineMisses: 3 } })]);
    // The mean of 100, 60, 80 and 96 is 84.
    expect(result.savingVsMeanOfCompetitors).toBeCloseTo(0.25, 12);
    expect(result.bestCompetitor).toBe("power-cap");
    expect(result.savingVsBestCompetitor).toBeCloseTo(1 - 63 / 80, 12);
  });

  test("the best competitor is the one of least carbon if it keeps its promises", () => {
    expect(resultOf([sampleRun("ca-rm", { kgCo2: 66 }), ...four()])).toMatchObject({
      bestCompetitor: "min",
      savingVsBestCompetitor: expect.closeTo(-0.1, 12),
    });
  });

  test("are null when a competitor they need was not run", () => {
    expect(resultOf([sampleRun("ca-rm", { kgCo2: 63 }), ...four().slice(1)])).toMatchObject({
      savingVsMeanOfCompetitors: null,
      savingVsBestCompetitor: null,
      bestCompetitor: null,
    });
  });

  test("are null when CA-RM was not run", () => {
    expect(resultOf(four())).toMatchObject({
      savingVsMeanOfCompetitors: null,
      savingVsBestCompetitor: null,
    });
  });
});

describe("promises", () => {
  const promisesOf = (totals: Partial<SampleTotals>, max: Partial<SampleTotals> = {}) =>
    resultOf([sampleRun("max", { kgCo2: 100, ...max }), sampleRun("min", { kgCo2: 50, ...totals })])
      .policies[1]!.brokenPromises;

  test("a service may be over its target as often as its quantile allows, and no more", () => {
    // p99 of 1,000,000 requests.
    expect(promisesOf({ requestsOverTarget: 10_000 })).toEqual([]);
    expect(promisesOf({ requestsOverTarget: 10_002 })).toEqual([
      expect.stringMatching(/^chat: 1\.00 %/),
      expect.stringMatching(/^vision: 1\.00 %/),
    ]);
  });

  test("a missed deadline or an unfinished job breaks them", () => {
    expect(promisesOf({ deadlineMisses: 1 })).toEqual(["1 deadline missed"]);
    expect(promisesOf({ unfinished: 2 })).toEqual(["2 jobs not finished"]);
  });

  test("nobody is asked to do better than MAX", () => {
    const bad = { requestsOverTarget: 50_000, deadlineMisses: 2, unfinished: 1 };
    expect(promisesOf(bad, bad)).toEqual([]);
    expect(promisesOf({ ...bad, deadlineMisses: 3 }, bad)).toEqual(["3 deadlines missed"]);
  });

  test("without MAX, what was promised counts", () => {
    const alone = resultOf([sampleRun("min", { kgCo2: 50, deadlineMisses: 2 })]);
    expect(alone.policies[0]!.brokenPromises).toEqual(["2 deadlines missed"]);
  });
});

describe("performance per carbon", () => {
  test("is work a gram", () => {
    const run = resultOf([sampleRun("max", { kgCo2: 2, samples: 10_000, requestsOverTarget: 0 })])
      .policies[0]!;
    expect(run.ppcTraining).toBe(5);
    expect(run.ppcInference).toBe(500);
    expect(run.ppc).toBe(1 / 2000);
  });

  test("counts training and inference the same, relative to MAX", () => {
    const result = resultOf([
      sampleRun("max", { kgCo2: 2, samples: 10_000, requestsOverTarget: 0 }),
      sampleRun("ca-rm", { kgCo2: 1, samples: 5_000, requestsOverTarget: 0 }),
    ]);
    expect(result.policies[1]!.ppc).toBeCloseTo((0.5 * 0.5 + 0.5 * 1) / 1000, 12);
  });

  test("requests over target are no work", () => {
    const run = resultOf([sampleRun("min", { kgCo2: 1, requestsOverTarget: 1_000_000 })]).policies[0]!;
    expect(run.ppcInference).toBe(0);
    expect(run.slaViolationRatio).toBe(1);
  });

  test("relative to MAX is null without MAX", () => {
    expect(resultOf([sampleRun("ca-rm", { kgCo2: 1 })]).policies[0]!.ppc).toBeNull();
  });

  test("a run without jobs or carbon gives numbers, not NaN", () => {
    const result = resultOf([
      sampleRun("max", { kgCo2: 0, jobs: 0, samples: 0 }),
      sampleRun("ca-rm", { kgCo2: 0 }),
    ]);
    for (const run of result.policies) {
      for (const value of [run.ppcTraining, run.ppcInference, run.ppc, run.slaViolationRatio]) {
        expect(Number.isFinite(value)).toBe(true);
      }
    }
  });
});

test("the JSON has one entry a run with the published fields, and survives a round trip", () => {
  const result = resultOf([sampleRun("ca-rm", { kgCo2: 63 }), sampleRun("max", { kgCo2: 100 })]);
  const json = JSON.parse(JSON.stringify(jsonOutput(result)));
  expect(Object.keys(json)).toEqual([
    "policies",
    "savingVsMeanOfCompetitors",
    "savingVsBestCompetitor",
    "input",
  ]);
  expect(json.savingVsMeanOfCompetitors).toBeNull();
  expect(json.policies.map((run: { policy: string }) => run.policy)).toEqual(["ca-rm", "max"]);
  expect(Object.keys(json.policies[0])).toEqual([
    "policy",
    "kgCo2",
    "kwh",
    "slaViolationRatio",
    "deadlineMisses",
    "jobsFinished",
    "ppcTraining",
    "ppcInference",
    "ppc",
    "clockChanges",
    "resizes",
  ]);
  expect(json.input).toMatchObject({ zone: "DE", attribution: ["© someone"] });
});
