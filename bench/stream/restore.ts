/**
 * How long a task takes to have its state back: after a kill, with its folder kept, and with nothing kept. Once with
 * many small entries, once with what the processor holds of one large cluster.
 *
 *   node bench/stream/restore.ts [--entries 1000000] [--gpus 10000] [--hours 72] [--kafka]
 *
 * With --kafka on a real broker, started for it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startLocal } from "../../scripts/kafka/local.ts";
import { createPublisher } from "../../src/client/index.ts";
import { carmProcessor } from "../../src/processor/index.ts";
import type { TopicRecords } from "../../src/records/index.ts";
import { createWorker, type Processor, type StateKind } from "../../src/stream/index.ts";
import { liveMinute } from "../../test/support/live-cluster.ts";
import { createLog, createProcess, type Log, line, megabytes } from "./setup.ts";

const minuteMs = 60_000;
const startsAt = Date.UTC(2026, 0, 1);

const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "1000000" },
    gpus: { type: "string", default: "10000" },
    hours: { type: "string", default: "72" },
    kafka: { type: "boolean", default: false },
  },
});

/** Keeps the last value of each service: an entry of 100 bytes for each record. */
const entryKind: StateKind<number> = {
  name: "entry",
  encode: (value) => Buffer.alloc(100, value % 251),
  decode: (bytes) => bytes[0]!,
};

const entriesProcessor: Processor = {
  name: "entries",
  inputs: ["carm.request-rate"],
  stateKinds: [entryKind as StateKind<never>],
  step(state, { cluster, offset, value }) {
    state.put(entryKind, cluster, (value as { service: string }).service, offset);
    return [];
  },
};

line(["", "entries", "MB", "seconds", "MB/s"]);
await measure(`${values.entries} entries`, entriesProcessor, sendEntries);
await measure(`${values.gpus} GPUs, ${values.hours} h`, carmProcessor, sendCluster);

type Send = (log: Log, run: () => Promise<unknown>) => Promise<void>;

/** Builds the state by running the processor, kills it, and starts it again in every way. */
async function measure(title: string, processor: Processor, send: Send): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "carm-restore-"));
  try {
    const local = values.kafka ? await startLocal((text) => process.stderr.write(`${text}\n`)) : undefined;
    const log = await createLog(local?.kafka.bootstrap);
    const { kill, ...parts } = createProcess(log, folder);
    const first = await createWorker({ ...parts, processor, logIdentity: "bench" });
    await send(log, () => first.runUntilIdle());
    await kill();
    const { changelogBytes, inputBytes, changelogRecords } = first.metrics;
    line([`${title}: written in all`, changelogRecords, megabytes(changelogBytes), "", ""]);
    line([`${title}: changelog bytes per input byte`, (changelogBytes / inputBytes).toFixed(2)]);
    await restart(`${title}: after a kill`, log, processor, folder);
    await rm(folder, { recursive: true });
    await restart(`${title}: folder lost`, log, processor, folder);
    await log.broker.close();
    await local?.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function restart(title: string, log: Log, processor: Processor, folder: string): Promise<void> {
  const { kill, ...parts } = createProcess(log, folder);
  const worker = await createWorker({ ...parts, processor, logIdentity: "bench" });
  while (worker.running.length === 0) await worker.runOnce(100);
  const { metrics } = worker;
  const { restoredEntries, restoredBytes, restoreMs } = metrics;
  const seconds = restoreMs / 1000;
  const reason = Object.keys(metrics.restoresByReason).join();
  const rate = (restoredBytes / 1e6 / seconds).toFixed(0);
  line([`${title} (${reason})`, restoredEntries, megabytes(restoredBytes), seconds.toFixed(2), rate]);
  await kill();
}

/** A record an entry, each of a key of its own. */
async function sendEntries(log: Log, run: () => Promise<unknown>): Promise<void> {
  const publisher = await createPublisher(log.broker, log.codec);
  for (let sent = 0; sent < Number(values.entries); ) {
    for (const end = Math.min(Number(values.entries), sent + 20_000); sent < end; sent++) {
      publisher.add("carm.request-rate", requests(`service-${sent}`), startsAt);
    }
    await publisher.flush();
    await run();
  }
  await publisher.close();
}

function requests(service: string): TopicRecords["carm.request-rate"] {
  const window = { startsAt: startsAt - minuteMs, durationMs: minuteMs, arrivals: 1, completions: 1 };
  return {
    cluster: "lab",
    observedAt: startsAt,
    service,
    ...window,
    queueDepth: 0,
    overTarget: 0,
    latencyCounts: [],
  };
}

/** Sources that speak every half hour instead of every minute: what is kept is the same. */
async function sendCluster(log: Log, run: () => Promise<unknown>): Promise<void> {
  const publisher = await createPublisher(log.broker, log.codec);
  const options = { cluster: "lab", nodes: Math.ceil(Number(values.gpus) / 8), jobs: 400, leaseMs: 300_000 };
  const until = startsAt + Number(values.hours) * 60 * minuteMs;
  const times = [startsAt];
  for (let at = startsAt + minuteMs; at < until; at += 30 * minuteMs) times.push(at);
  for (const at of times) {
    for (const { topic, value } of liveMinute(options, startsAt, at))
      publisher.add(topic, value as never, at);
    publisher.add("carm.ticks", { cluster: "", observedAt: at, partition: 0 }, at);
    await publisher.flush();
    await run();
  }
  await publisher.close();
}
