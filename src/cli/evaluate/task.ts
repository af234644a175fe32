import { hash } from "node:crypto";
import type { EvaluatedRun } from "../../report/index.ts";
import type { EvaluationCase } from "./cases.ts";
import type { InputFiles } from "./options.ts";

/** A piece of the evaluation that one thread does at a time: a policy, or the oracle, in one scenario. */
export interface EvaluationTask {
  readonly case: EvaluationCase;
  readonly work: { readonly kind: "policy"; readonly policy: string } | { readonly kind: "oracle" };
}

export type TaskResult =
  | { readonly kind: "policy"; readonly run: EvaluatedRun }
  | { readonly kind: "oracle"; readonly kgCo2: number };

/** Names a task with everything that its result depends on: the input, by its content, and the code. */
export function taskKey(task: EvaluationTask, files: InputFiles, fingerprint: string): string {
  return hash("sha256", JSON.stringify([task, files, fingerprint])).slice(0, 24);
}
