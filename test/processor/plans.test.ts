import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { replayPlan } from "../../src/processor/index.ts";
import type { Plan } from "../../src/records/index.ts";
import type { DecisionCase } from "../support/case-format.ts";
import { runCase } from "../support/case-runner.ts";
import { plansOf, StepWorld } from "../support/step-world.ts";

function plansOfCase(name: string): Plan[] {
  const text = readFileSync(new URL(`../cases/${name}.json`, import.meta.url), "utf8");
  return plansOf(runCase(JSON.parse(text) as DecisionCase).outputs);
}

describe("a plan's record", () => {
  it.each(["demand-peak", "gpu-lost", "resized-by-hand", "power-cap"])(
    "holds what the plan was made from: made again, each is the same: %s",
    (name) => {
      const plans = plansOfCase(name);
      expect(plans.length).toBeGreaterThan(2);
      for (const plan of plans) expect(replayPlan(plan)).toEqual(plan);
    },
  );

  it("names the plan that each decision follows", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.jobEvent("submitted", 1));
    world.settle();
    const hashes = new Set(plansOf(world.outputs).map(({ hash }) => hash));
    const followed = world.outputs.flatMap((output) =>
      "value" in output && output.topic === "carm.decisions" && output.value.planHash !== ""
        ? [output.value.planHash]
        : [],
    );
    expect(followed.length).toBeGreaterThan(0);
    expect(followed.every((hash) => hashes.has(hash))).toBe(true);
  });

  it("that was changed is not taken for what it says it is", () => {
    const world = new StepWorld();
    world.tell("carm.job-events", world.jobEvent("submitted", 1));
    const plan = plansOf(world.settle()).at(-1) as Plan;
    const forged = { ...plan, problem: plan.problem.replace('"requestedWorkers":2', '"requestedWorkers":3') };
    expect(forged.problem).not.toBe(plan.problem);
    expect(() => replayPlan(forged)).toThrow(/does not hold the problem it names/);
  });
});
