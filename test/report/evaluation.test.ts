import { describe, expect, it } from "vitest";
import {
  type EvaluatedCase,
  type EvaluatedRun,
  type EvaluationInput,
  evaluationHtml,
  evaluationJson,
  evaluationResult,
  evaluationTable,
} from "../../src/report/index.ts";

const DAY_MS = 86_400_000;
const run = (kgCo2: number, changes: Partial<EvaluatedRun> = {}): EvaluatedRun => ({
  kgCo2,
  kwh: 3 * kgCo2,
  kgCo2Charged: 0,
  services: [{ service: "s", latencyQuantile: 0.99, requests: 1000, requestsOverTarget: 5 }],
  jobsSubmitted: 10,
  jobsFinished: 10,
  deadlineMisses: 0,
  samples: 500,
  clockChanges: 7,
  resizes: 2,
  ...changes,
});

function caseOf(
  start: number,
  zone: string,
  kg: Record<string, EvaluatedRun>,
  oracle: number | null,
): EvaluatedCase {
  const runs = new Map(Object.entries(kg));
  return { zone, startsAt: start * DAY_MS, load: "low", slack: 2, seed: 1, runs, oracleKgCo2: oracle };
}

const input: EvaluationInput = {
  setup: "headroom",
  zones: ["DE", "FR"],
  from: "2023-01-01",
  to: "2023-12-31",
  starts: ["2023-01-01", "2023-06-01"],
  days: 7,
  gpus: 48,
  gpuModel: "rtx-4090",
  loads: ["low"],
  slacks: [2],
  seeds: [1],
  modelError: 1,
  onSite: null,
  traces: "recorded",
  cases: 3,
  services: 3,
  jobs: 30,
  provenance: ["p <1>"],
  attribution: ["a"],
};
const late = { deadlineMisses: 2 };
const policies = ["ca-rm", "max", "min", "power-cap", "energy-cost", "ca-rm-foresight"];
const four = (max: number, min: number) => ({
  max: run(max),
  min: run(min, { deadlineMisses: 10, jobsFinished: 4 }),
  "power-cap": run(0.9 * max),
  "energy-cost": run(max),
});
const cases = [
  caseOf(1, "DE", { "ca-rm": run(70), "ca-rm-foresight": run(65), ...four(100, 50) }, 60),
  caseOf(1, "FR", { "ca-rm": run(15, late), "ca-rm-foresight": run(14), ...four(20, 10) }, 12),
  caseOf(2, "DE", { "ca-rm": run(80), "ca-rm-foresight": run(75), ...four(100, 60) }, 70),
];
const result = evaluationResult(cases, policies, input);
const own = result.policies[0]!;

describe("an evaluation", () => {
  it("adds up grams and counts and states ratios over the sums", () => {
    expect(own.kgCo2).toBe(165);
    expect(own.savingVsMax!.value).toBeCloseTo(1 - 165 / 220);
    expect(own.slaViolationRatio).toBeCloseTo(0.005);
    expect(own.shareOfOracleSaving!.value).toBeCloseTo((220 - 165) / (220 - 142));
    expect(own.shareOfForesightSaving!.value).toBeCloseTo((220 - 165) / (220 - 154));
    expect(result.savingVsMeanOfCompetitors!.value).toBeCloseTo(1 - 165 / ((220 + 120 + 198 + 220) / 4));
    expect(result.savingVsMeanWithoutMin!.value).toBeCloseTo(1 - 165 / ((220 + 198 + 220) / 3));
  });

  it("marks who broke a promise and does not take MIN for the best competitor", () => {
    expect(own.brokenPromises).toEqual(["2 deadlines missed"]);
    expect(own.casesBroken).toBe(1);
    expect(result.bestCompetitor).toBe("power-cap");
    expect(evaluationTable(result)).toContain("MIN !");
  });

  it("draws whole start dates for its intervals, so they span what single dates give", () => {
    const [low, high] = own.savingVsMax!.ci95;
    expect(low).toBeCloseTo(1 - 80 / 100);
    expect(high).toBeCloseTo(1 - 85 / 120);
  });

  it("prints each figure with its interval beside it", () => {
    const json = evaluationJson(result);
    expect(json.oracle).toEqual({ kgCo2: 142 });
    expect(json.policies[0]).toMatchObject({
      policy: "ca-rm",
      kgCo2: 165,
      jobsFinished: 30,
      savingVsMaxCi95: [expect.any(Number), expect.any(Number)],
      shareOfOracleSavingCi95: [expect.any(Number), expect.any(Number)],
      shareOfForesightSavingCi95: [expect.any(Number), expect.any(Number)],
    });
    expect(json.zones.map(({ zone }) => zone)).toEqual(["DE", "FR"]);
  });

  it("leaves out what needs runs that were not made", () => {
    const alone = evaluationResult([caseOf(1, "DE", { "ca-rm": run(1) }, null)], ["ca-rm"], input);
    expect(alone.savingVsMeanOfCompetitors).toBeNull();
    expect(alone.policies[0]!.shareOfOracleSaving).toBeNull();
    expect(evaluationJson(alone).oracle).toBeNull();
  });

  it("is a page of its own with pictures and nothing to fetch", () => {
    const page = evaluationHtml(result);
    expect(page).toContain("p &lt;1&gt;");
    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(page).not.toMatch(/<script|src=|href=/);
  });
});
