import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { CarmError, type ErrorCode } from "../../records/index.ts";
import type { TaskReply } from "./evaluate-worker.ts";
import type { InputFiles } from "./options.ts";
import type { EvaluationTask, TaskResult } from "./task.ts";

/** Does the tasks in order, as many at once as there are threads. Stops at the first failure. */
export async function runTasks(
  tasks: readonly EvaluationTask[],
  files: InputFiles,
  threads: number,
  onDone: (task: EvaluationTask, result: TaskResult) => void,
): Promise<void> {
  const waiting = [...tasks];
  const workers = Array.from({ length: Math.min(threads, tasks.length) }, () => startWorker(files));
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
          onDone(task, await ask(worker, task));
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function startWorker(files: InputFiles): Worker {
  const source = new URL("./evaluate-worker.ts", import.meta.url);
  const entry = existsSync(source) ? source : new URL("./evaluate-worker.js", import.meta.url);
  return new Worker(entry, { workerData: files });
}

function ask(worker: Worker, task: EvaluationTask): Promise<TaskResult> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once("error", reject);
    worker.once("message", (reply: TaskReply) => {
      if (reply.kind === "done") resolve(reply.result);
      else reject(new CarmError(reply.code as ErrorCode, `${nameOf(task)}: ${reply.message}`));
    });
    worker.postMessage(task);
  });
}

/** For people: zone, start and policy. */
export function nameOf({ case: { options }, work }: EvaluationTask): string {
  const what = work.kind === "policy" ? work.policy : work.kind;
  return `${options.zone} ${new Date(options.startsAt).toISOString().slice(0, 10)} ${what}`;
}
