import { describe, expect, it } from "vitest";
import { Measurements } from "../../src/cli/demo/measurements.ts";
import { replayedRecords } from "../../src/cli/evaluate/run-task.ts";
import { findPlanner } from "../../src/planners/index.ts";
import { profileLibrary } from "../../src/profiles/index.ts";
import { demoResult, type PolicyMeasurements, type PolicyRun } from "../../src/report/index.ts";
import {
  buildScenario,
  runFast,
  type Scenario,
  type ScenarioOptions,
  type TraceSet,
} from "../../src/simulate/index.ts";
import { recordedTraces, typicalTraces } from "../../src/sources/index.ts";

/** None of them is a default of the demo. */
const settings: readonly Pick<ScenarioOptions, "zone" | "startsAt" | "load" | "onSite">[] = [
  { zone: "PL", startsAt: Date.UTC(2023, 2, 6), load: "low", onSite: null },
  { zone: "ES", startsAt: Date.UTC(2023, 8, 11), load: "high", onSite: { kind: "both", share: 0.7 } },
];

const folder = process.env["CARM_TRACES"];
const sources: readonly (readonly [name: string, () => Promise<TraceSet>])[] = [
  ["typical days", async () => typicalTraces(2)],
  ...(folder ? [["recorded traces", () => recordedTraces(folder)] as const] : []),
];

describe.each(sources)("on %s", (_, traces) => {
  it.each(settings)(
    "CA-RM emits less than MAX, PowerCap and EnergyCost and keeps what MAX keeps: $zone, $load load",
    async (setting) => {
      const runs = await runAll(
        { ...setting, days: 1, gpus: 16, slack: 2, seed: 2, modelError: 1 },
        await traces(),
      );
      const [own, max, ...others] = runs as [PolicyRun, PolicyRun, PolicyRun, PolicyRun];
      for (const other of [max, ...others]) expect(own.kgCo2).toBeLessThan(other.kgCo2);
      expect(own.brokenPromises).toEqual([]);
      expect(own.deadlineMisses).toBeLessThanOrEqual(max.deadlineMisses);
      expect(own.jobsFinished).toBeGreaterThanOrEqual(max.jobsFinished);
    },
  );
});

it("with on-site supply CA-RM saves more of what MAX emits", async () => {
  const savingWith = async (onSite: ScenarioOptions["onSite"]) => {
    const options = { zone: "DE", startsAt: Date.UTC(2023, 6, 3), load: "low", onSite } as const;
    const [own, max] = await runAll(
      { ...options, days: 1, gpus: 16, slack: 2, seed: 3, modelError: 1 },
      typicalTraces(3),
      ["ca-rm", "max"],
    );
    return 1 - own!.kgCo2 / max!.kgCo2;
  };
  expect(await savingWith({ kind: "both", share: 0.7 })).toBeGreaterThan(await savingWith(null));
});

async function runAll(
  options: ScenarioOptions,
  traces: TraceSet,
  planners = ["ca-rm", "max", "power-cap", "energy-cost"],
): Promise<readonly PolicyRun[]> {
  const scenario = await buildScenario(options, traces, profileLibrary);
  const runs = [];
  for (const planner of planners) runs.push(await run(scenario, planner));
  return demoResult({ runs, input: {} as never, provenance: [], attribution: [] }).policies;
}

async function run(scenario: Scenario, planner: string): Promise<PolicyMeasurements> {
  const measurements = new Measurements(scenario);
  await runFast({
    scenario,
    planner: findPlanner(planner),
    replayed: replayedRecords(scenario, planner),
    onRecord: (topic, value) => measurements.take(topic, value),
  });
  return measurements.summary(planner);
}
