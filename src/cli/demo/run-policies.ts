import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { CarmError, type ErrorCode } from "../../records/index.ts";
import type { PolicyMeasurements } from "../../report/index.ts";
import type { Scenario } from "../../simulate/index.ts";
import type { WorkerMessage } from "./policy-worker.ts";

/** Runs each planner over the scenario in a thread of its own, as many at once as there are cores. */
export async function runPolicies(
  scenario: Scenario,
  planners: readonly string[],
  onProgress: (planner: string, share: number) => void,
): Promise<PolicyMeasurements[]> {
  const folder = await mkdtemp(join(tmpdir(), "carm-"));
  const runs = new Map<string, PolicyMeasurements>();
  const waiting = [...planners];
  const runNext = async (): Promise<void> => {
    for (let planner = waiting.shift(); planner !== undefined; planner = waiting.shift()) {
      const name = planner;
      const run = await runInThread(scenario, name, join(folder, name), (share) => onProgress(name, share));
      runs.set(name, run);
      onProgress(name, 1);
    }
  };
  try {
    const threads = Math.min(availableParallelism(), planners.length);
    await Promise.all(Array.from({ length: threads }, runNext));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return planners.map((planner) => runs.get(planner) as PolicyMeasurements);
}

function runInThread(
  scenario: Scenario,
  planner: string,
  stateFolder: string,
  onProgress: (share: number) => void,
): Promise<PolicyMeasurements> {
  const source = new URL("./policy-worker.ts", import.meta.url);
  const entry = existsSync(source) ? source : new URL("./policy-worker.js", import.meta.url);
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData: { scenario, planner, stateFolder } });
    worker.on("error", reject);
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "progress") onProgress(message.share);
      else if (message.kind === "done") resolve(message.run);
      else reject(new CarmError(message.code as ErrorCode, `${planner}: ${message.message}`));
    });
  });
}
