import type { PolicyMeasurements } from "../../report/index.ts";
import { type ReplayedRecord, runFast, type Scenario } from "../../simulate/index.ts";
import { gridRecordsAfterStart, historyRecords } from "../demo/history.ts";
import { Measurements } from "../demo/measurements.ts";

/** Runs one policy over a scenario on the fast path; says the same as `runPolicy` does from the log. */
export async function runFastPolicy(scenario: Scenario, planner: string): Promise<PolicyMeasurements> {
  const measurements = new Measurements(scenario);
  await runFast({
    scenario,
    replayed: replayedRecords(scenario, planner),
    onRecord: (topic, value) => measurements.take(topic, value),
  });
  return measurements.summary(planner);
}

function replayedRecords(scenario: Scenario, planner: string): ReplayedRecord[] {
  const history = historyRecords(scenario, planner).sort((a, b) => a.dueAt - b.dueAt);
  return [...history, ...gridRecordsAfterStart(scenario)];
}
