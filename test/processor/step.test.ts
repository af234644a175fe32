import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { DecisionCase } from "../support/case-format.ts";
import { type CaseResult, runCase } from "../support/case-runner.ts";

function decisionCase(name: string): DecisionCase {
  return JSON.parse(readFileSync(new URL(`../cases/${name}.json`, import.meta.url), "utf8")) as DecisionCase;
}

const cases = ["pausable", "demand-peak", "gpu-lost"];

describe("step", () => {
  it.each(cases)("the same records give the same outputs and the same state: %s", (name) => {
    const [once, again] = [runCase(decisionCase(name)), runCase(decisionCase(name))];
    expect(again.outputs).toEqual(once.outputs);
    expect(again.state).toEqual(once.state);
  });

  it.each(cases)("forgetting the heap between any two records changes nothing: %s", (name) => {
    const kept = runCase(decisionCase(name));
    const forgotten = runCase(decisionCase(name), { forgetHeapEvery: 97 });
    expect(forgotten.outputs).toEqual(kept.outputs);
    expect(forgotten.state).toEqual(kept.state);
  });

  // Planning advances with every record, so a repeated one can bring a plan forward by a record. These cases have no
  // sample between the two moments, so even the ledger must be the same.
  it.each(["pausable", "demand-peak"])("a record that comes twice decides nothing new: %s", (name) => {
    const once = runCase(decisionCase(name));
    const twice = runCase(decisionCase(name), { repeatInputs: true });
    expect(setpoints(twice)).toEqual(setpoints(once));
    expect(twice.ledger).toEqual(once.ledger);
  });

  it.each(cases)("epochs rise with every decision: %s", (name) => {
    const sequences = runCase(decisionCase(name)).decisions.map(({ decision }) => decision.epoch.sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  });
});

/** What was decided about each target, in order; leases left out, for they are renewed by the clock. */
function setpoints({ decisions }: CaseResult) {
  return decisions
    .filter(({ decision }) => decision.target.kind !== "lease")
    .map(({ decision: { target, action, workers, smClockMhz } }) => ({
      target,
      action,
      workers,
      smClockMhz,
    }));
}
