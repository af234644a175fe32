import { parentPort, workerData } from "node:worker_threads";
import { CarmError } from "../../records/index.ts";
import { problemOf, type Scenario, solveOracle } from "../../simulate/index.ts";
import { evaluationTraces } from "./evaluation-traces.ts";
import type { InputFiles } from "./options.ts";
import { profilesFrom } from "./profiles-file.ts";
import { runPolicyFast, scenarioOf } from "./run-task.ts";
import type { EvaluationTask, TaskResult } from "./task.ts";

/** What a thread says of a task. */
export type TaskReply =
  | { readonly kind: "done"; readonly result: TaskResult }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** The last scenario: its policies come one after the other. */
let last: { readonly name: string; readonly scenario: Promise<Scenario> } | undefined;

async function scenarioFor(task: EvaluationTask, files: InputFiles): Promise<Scenario> {
  const name = JSON.stringify(task.case);
  if (last?.name !== name) {
    const { zone, seed } = task.case.options;
    const traces = await evaluationTraces(files, zone, seed);
    last = { name, scenario: scenarioOf(task.case, traces, await profilesFrom(files.profiles)) };
  }
  return last.scenario;
}

async function resultOf(task: EvaluationTask, files: InputFiles): Promise<TaskResult> {
  const scenario = await scenarioFor(task, files);
  if (task.work.kind === "policy") {
    return { kind: "policy", run: await runPolicyFast(scenario, task.work.policy) };
  }
  const { grams } = await solveOracle(problemOf(scenario));
  return { kind: "oracle", kgCo2: grams / 1000 };
}

const port = parentPort;
port?.on("message", async (task: EvaluationTask) => {
  const say = (reply: TaskReply) => port.postMessage(reply);
  try {
    say({ kind: "done", result: await resultOf(task, workerData as InputFiles) });
  } catch (error) {
    const code = error instanceof CarmError ? error.code : "ERR_INTERNAL";
    say({
      kind: "failed",
      code,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
});
