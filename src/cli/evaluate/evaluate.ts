import { availableParallelism } from "node:os";
import type { EvaluatedCase, EvaluatedRun, EvaluationInput } from "../../report/index.ts";
import type { TraceSet } from "../../simulate/index.ts";
import { casesOf, datesOf, day, type EvaluationCase, zonesOf } from "./cases.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { EvaluationProgress } from "./evaluation-progress.ts";
import { exportProblems } from "./export-problems.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { EvaluateOptions, InputFiles } from "./options.ts";
import { profilesFrom } from "./profiles-file.ts";
import { scenarioOf } from "./run-task.ts";
import { nameOf, runTasks } from "./run-tasks.ts";
import { type EvaluationTask, type TaskResult, taskKey } from "./task.ts";

export interface Evaluation {
  readonly cases: readonly EvaluatedCase[];
  readonly input: EvaluationInput;
}

/** Runs what is not in the checkpoint yet and puts all results together. */
export async function evaluate(
  options: EvaluateOptions,
  policies: readonly string[],
  files: InputFiles,
  traces: TraceSet,
  checkpoint: Checkpoint,
): Promise<Evaluation> {
  const zones = zonesOf(options, traces);
  const dates = await datesOf(options, zones, traces);
  const cases = casesOf(options, zones, dates);
  // A mistake in the input shows here, before hours of work.
  const profiles = await profilesFrom(files.profiles);
  const first = await scenarioOf(cases[0]!, traces, profiles);
  if (options.exportProblem !== undefined)
    await exportProblems(options.exportProblem, cases, traces, profiles);
  const fingerprint = await fingerprintOf(files);
  const tasks = cases.flatMap((one) => tasksOf(one, policies, options.oracle));
  const keyOf = (task: EvaluationTask) => taskKey(task, files, fingerprint);
  const missing = tasks.filter((task) => checkpoint.get(keyOf(task)) === undefined);

  const progress = new EvaluationProgress(process.stderr, tasks.length, tasks.length - missing.length);
  const threads = options.threads ?? availableParallelism();
  await runTasks(missing, files, threads, (task, result) => {
    checkpoint.put(keyOf(task), result);
    progress.done(nameOf(task));
  });
  progress.end();

  const resultOf = (task: EvaluationTask) => checkpoint.get(keyOf(task))!;
  const evaluated = cases.map((one) => caseOf(one, tasksOf(one, policies, options.oracle), resultOf));
  const { gpus, modelError, onSite } = cases[0]!.options;
  return {
    cases: evaluated,
    input: {
      setup: options.setup,
      zones,
      from: day(dates.fromMs),
      to: day(dates.toMs - 1),
      starts: dates.starts.map(day),
      days: options.days,
      gpus,
      gpuModel: first.cluster.pools[0]!.gpuModel,
      loads: options.load,
      slacks: options.slack,
      seeds: options.seed,
      modelError,
      onSite: onSite === null ? null : `${onSite.kind}:${onSite.share}`,
      traces: traces.kind,
      cases: cases.length,
      services: first.services.length,
      jobs: evaluated.reduce((sum, { runs }) => sum + ([...runs.values()][0]?.jobsSubmitted ?? 0), 0),
      provenance: [
        "Of the first scenario; the others differ by zone, start, load, slack and seed:",
        ...first.provenance,
      ],
      attribution: traces.attribution,
    },
  };
}

function tasksOf(one: EvaluationCase, policies: readonly string[], withOracle: boolean): EvaluationTask[] {
  const tasks = policies.map((policy): EvaluationTask => ({ case: one, work: { kind: "policy", policy } }));
  return withOracle ? [...tasks, { case: one, work: { kind: "oracle" } }] : tasks;
}

function caseOf(
  { options }: EvaluationCase,
  tasks: readonly EvaluationTask[],
  resultOf: (task: EvaluationTask) => TaskResult,
): EvaluatedCase {
  const runs = new Map<string, EvaluatedRun>();
  let oracleKgCo2: number | null = null;
  for (const task of tasks) {
    const result = resultOf(task);
    if (result.kind === "oracle") oracleKgCo2 = result.kgCo2;
    else if (task.work.kind === "policy") runs.set(task.work.policy, result.run);
  }
  const { zone, startsAt, load, slack, seed } = options;
  return { zone, startsAt, load, slack, seed, runs, oracleKgCo2 };
}
