/**
 * Plays many seeds of the crash simulation on all cores: `npm run test:crash -- --seeds 2000 --seed 1`. Ends with what
 * happened, or with the command that plays the failing seed again.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { simulate } from "./simulation.ts";
import { Totals } from "./totals.ts";
import type { WorkloadName } from "./workload.ts";

/** Every so many seeds the real processor has its turn; its runs take much longer. */
const carmEvery = 50;

interface Job {
  readonly seed: number;
  readonly name: WorkloadName;
}

type Outcome =
  | { readonly job: Job; readonly counts: ReadonlyMap<string, number> }
  | { readonly job: Job; readonly error: string };

if (isMainThread) await main();
else await work();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
      processor: { type: "string" },
    },
  });
  const [seeds, first] = [Number(values.seeds), Number(values.seed)];
  const { processor } = values;
  const isKnown = processor === undefined || processor === "trace" || processor === "carm";
  if (!isKnown || !Number.isSafeInteger(first) || !(Number.isSafeInteger(seeds) && seeds > 0)) {
    process.stderr.write("Usage: npm run test:crash -- [--seeds N] [--seed S] [--processor trace|carm]\n");
    process.exit(2);
  }
  const jobs = Array.from({ length: seeds }, (_, i): Job => {
    const name = processor ?? (i % carmEvery === carmEvery - 1 ? "carm" : "trace");
    return { seed: first + i, name };
  });
  const startedAt = performance.now();
  const totals = new Totals();
  let played = 0;
  const failure = await playAll(jobs, (counts) => {
    totals.merge(counts);
    played += 1;
    if (played % Math.ceil(seeds / 10) === 0) process.stdout.write(`${played} of ${seeds} seeds\n`);
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (failure !== undefined) {
    const { seed, name } = failure.job;
    process.stdout.write(`${failure.error}\n\nSeed ${seed} failed. Play it again:\n`);
    process.stdout.write(`  npm run test:crash -- --seeds 1 --seed ${seed} --processor ${name}\n`);
    process.exit(1);
  }
  for (const [name, count] of [...totals.counts].sort()) process.stdout.write(`${name}: ${count}\n`);
  const missing = processor === "carm" ? [] : totals.missing(seeds);
  for (const name of missing) process.stdout.write(`Nothing was proved about ${name}: it never happened.\n`);
  process.stdout.write(
    `${seeds} seeds from ${first} in ${seconds} s: every one equals the fold of its input.\n`,
  );
  process.exit(missing.length === 0 ? 0 : 1);
}

/** Resolves with the first failure there is, or with undefined once all are played. */
function playAll(
  jobs: readonly Job[],
  onPlayed: (counts: ReadonlyMap<string, number>) => void,
): Promise<Extract<Outcome, { error: string }> | undefined> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let running = 0;
    for (let i = 0; i < Math.min(availableParallelism(), jobs.length); i++) {
      const worker = new Worker(new URL(import.meta.url));
      const give = () => {
        const job = jobs[next++];
        if (job !== undefined) return worker.postMessage(job);
        running -= 1;
        void worker.terminate();
        if (running === 0) resolve(undefined);
      };
      running += 1;
      worker.on("error", reject);
      worker.on("message", (outcome: Outcome) => {
        if ("error" in outcome) return resolve(outcome);
        onPlayed(outcome.counts);
        give();
      });
      give();
    }
  });
}

async function work(): Promise<void> {
  parentPort!.on("message", async (job: Job) => {
    const totals = new Totals();
    try {
      totals.add(await simulate(job.seed, job.name));
      parentPort!.postMessage({ job, counts: totals.counts } satisfies Outcome);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      parentPort!.postMessage({ job, error: text } satisfies Outcome);
    }
  });
}
