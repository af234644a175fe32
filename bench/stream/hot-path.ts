/**
 * What a record costs: CPU seconds of the whole process per million records, from the read to the commit, with RocksDB.
 * The broker is in memory and its records are made beforehand, so neither network nor producers are in the figure.
 *
 *   node bench/stream/hot-path.ts [--records 500000] [--per-transaction 1000]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createPublisher } from "../../src/client/index.ts";
import { carmProcessor } from "../../src/processor/index.ts";
import { createWorker, type Processor, type StateKind } from "../../src/stream/index.ts";
import { liveMinute } from "../../test/support/live-cluster.ts";
import { createLog, createProcess, type Log, line } from "./setup.ts";

const minuteMs = 60_000;
const startsAt = Date.UTC(2026, 0, 1);
const clusters = 40;

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "500000" },
    "per-transaction": { type: "string", default: "1000" },
  },
});
const records = Number(values.records);
const maxRecordsPerTransaction = Number(values["per-transaction"]);

const sumKind: StateKind<number> = {
  name: "sum",
  encode: (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return bytes;
  },
  decode: (bytes) => Buffer.from(bytes).readDoubleBE(),
};

/** The least there is to do: a sum for each service. */
const sums: Processor = {
  name: "sums",
  inputs: ["carm.request-rate", "carm.ticks"],
  stateKinds: [sumKind as StateKind<never>],
  step(state, record) {
    if (record.topic !== "carm.request-rate") return [];
    const { service, arrivals } = record.value;
    const sum = state.get(sumKind, record.cluster, service) ?? 0;
    state.put(sumKind, record.cluster, service, sum + arrivals);
    return [];
  },
};

line(["", "records", "CPU s per 1 M", "changelog B/B", "transactions"]);
await measure("runtime alone", sums, sendRequests);
await measure("CA-RM, 40 clusters of 16 GPUs", carmProcessor, sendClusters);

async function measure(
  title: string,
  processor: Processor,
  send: (log: Log) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "carm-hot-"));
  try {
    const log = await createLog();
    await send(log);
    const { kill, ...parts } = createProcess(log, folder);
    const limits = { maxRecordsPerTransaction };
    const worker = await createWorker({ ...parts, processor, logIdentity: "bench", limits });
    const before = process.cpuUsage();
    const taken = await worker.runUntilIdle();
    const { user, system } = process.cpuUsage(before);
    const { changelogBytes, inputBytes, commits } = worker.metrics;
    const perMillion = (user + system) / taken;
    line([title, taken, perMillion.toFixed(1), (changelogBytes / inputBytes).toFixed(2), commits]);
    await kill();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sendRequests(log: Log): Promise<void> {
  const publisher = await createPublisher(log.broker, log.codec);
  for (let i = 0; i < records; i++) {
    publisher.add(
      "carm.request-rate",
      {
        cluster: `cluster-${i % clusters}`,
        observedAt: startsAt,
        service: `service-${i % 1_000}`,
        startsAt: startsAt - minuteMs,
        durationMs: minuteMs,
        arrivals: i % 600,
        completions: i % 600,
        queueDepth: 0,
        overTarget: 0,
        latencyCounts: [],
      },
      startsAt,
    );
  }
  await publisher.close();
}

async function sendClusters(log: Log): Promise<void> {
  const publisher = await createPublisher(log.broker, log.codec);
  let sent = 0;
  for (let at = startsAt; sent < records / 10; at += minuteMs) {
    for (let i = 0; i < clusters; i++) {
      const options = { cluster: `cluster-${i}`, nodes: 2, jobs: 3, leaseMs: 300_000 };
      for (const { topic, value } of liveMinute(options, startsAt, at)) {
        publisher.add(topic, value as never, at);
        sent += 1;
      }
    }
    publisher.add("carm.ticks", { cluster: "", observedAt: at, partition: 0 }, at);
    await publisher.flush();
  }
  await publisher.close();
}
