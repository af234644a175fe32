import { planners } from "../../planners/index.ts";
import type { Profile } from "../../records/index.ts";
import type { EvaluatedRun } from "../../report/index.ts";
import {
  buildHeadroom,
  buildScenario,
  type ReplayedRecord,
  runFast,
  type Scenario,
  type TraceSet,
} from "../../simulate/index.ts";
import { gridRecordsAfterStart, historyRecords } from "../demo/history.ts";
import type { EvaluationCase } from "./cases.ts";
import { plannerOf } from "./policies.ts";
import { RunTally } from "./run-tally.ts";

export type ProfileTemplate = Omit<Profile, "cluster" | "observedAt">;

const ownPlanner = "ca-rm";

export function scenarioOf(
  { setup, options }: EvaluationCase,
  traces: TraceSet,
  profiles: readonly ProfileTemplate[],
): Promise<Scenario> {
  return setup === "demo"
    ? buildScenario(options, traces, profiles)
    : buildHeadroom(options, traces, profiles);
}

/** Runs one policy over a scenario on the fast path. */
export async function runPolicyFast(scenario: Scenario, policy: string): Promise<EvaluatedRun> {
  const tally = new RunTally(scenario);
  await runFast({
    scenario,
    planner: plannerOf(policy, scenario),
    // A policy record names a planner that ships; what it stands for here is `planner`.
    replayed: replayedRecords(scenario, Object.hasOwn(planners, policy) ? policy : ownPlanner),
    onRecord: (topic, value) => tally.take(topic, value),
  });
  return tally.run();
}

/** What a run is told from outside: what is known before the start, then the grid hour by hour. */
export function replayedRecords(scenario: Scenario, planner: string): ReplayedRecord[] {
  const history = historyRecords(scenario, planner).sort((a, b) => a.dueAt - b.dueAt);
  return [...history, ...gridRecordsAfterStart(scenario)];
}
