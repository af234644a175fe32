import { parentPort, workerData } from "node:worker_threads";
import { CarmError } from "../../records/index.ts";
import type { PolicyMeasurements } from "../../report/index.ts";
import { type RunOptions, runPolicy } from "./run-policy.ts";

/** What a worker thread says. */
export type WorkerMessage =
  | { readonly kind: "progress"; readonly share: number }
  | { readonly kind: "done"; readonly run: PolicyMeasurements }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

const port = parentPort;
if (port !== null) {
  const say = (message: WorkerMessage) => port.postMessage(message);
  try {
    const options = workerData as Omit<RunOptions, "onProgress">;
    const run = await runPolicy({ ...options, onProgress: (share) => say({ kind: "progress", share }) });
    say({ kind: "done", run });
  } catch (error) {
    const code = error instanceof CarmError ? error.code : "ERR_INTERNAL";
    say({ kind: "failed", code, message: error instanceof Error ? error.message : String(error) });
  }
}
