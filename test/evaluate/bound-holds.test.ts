import { beforeAll, describe, expect, it } from "vitest";
import { runPolicyFast, scenarioOf } from "../../src/cli/evaluate/run-task.ts";
import { profileLibrary } from "../../src/profiles/index.ts";
import { problemOf, type Scenario, solveOracle } from "../../src/simulate/index.ts";
import { typicalTraces } from "../../src/sources/index.ts";

describe("at model error 0", () => {
  let scenario: Scenario;
  let boundKgCo2: number;

  beforeAll(async () => {
    const options = {
      zone: "US-CAL-CISO",
      startsAt: Date.UTC(2023, 3, 3),
      days: 1,
      gpus: 12,
      load: "high" as const,
      slack: 2,
      seed: 5,
      modelError: 0 as const,
      onSite: null,
    };
    scenario = await scenarioOf({ setup: "headroom", options }, typicalTraces(5), profileLibrary);
    boundKgCo2 = (await solveOracle(problemOf(scenario))).grams / 1000;
  });

  it("CA-RM does not emit less than the oracle", async () => {
    const run = await runPolicyFast(scenario, "ca-rm");
    expect(run.jobsSubmitted).toBeGreaterThan(0);
    expect(run.kgCo2).toBeGreaterThanOrEqual(boundKgCo2);
  });

  it("the bound leaves MAX something to save and is no trivial one", async () => {
    const max = await runPolicyFast(scenario, "max");
    expect(boundKgCo2).toBeLessThan(0.9 * max.kgCo2);
    expect(boundKgCo2).toBeGreaterThan(0.5 * max.kgCo2);
  });

  it("parking can only lower it", async () => {
    const parked = await solveOracle(problemOf(scenario, "active"));
    expect(parked.grams / 1000).toBeLessThan(boundKgCo2);
  });
});
