import { describe, expect, test } from "vitest";
import type { OutgoingRecord } from "../../src/broker/index.ts";
import { createCodec, type SchemaRegistry, type TopicRecords } from "../../src/records/index.ts";
import {
  createMemoryStores,
  createWorker,
  reroutedHeader,
  type WorkerOptions,
} from "../../src/stream/index.ts";
import { createLog, intensity, type Log, outgoing, readAll, requests, startAt, tick } from "./harness.ts";
import { traceProcessor } from "./trace-processor.ts";

/** Sends the records, runs a worker over them, and says what came of it. */
async function run(log: Log, records: readonly OutgoingRecord[], options: Partial<WorkerOptions> = {}) {
  const producer = await log.broker.producer();
  await producer.send(records);
  const { broker, codec } = log;
  const stores = createMemoryStores();
  const steps: string[] = [];
  const processor = traceProcessor({
    step: (_, { topic, cluster, value }) => {
      steps.push(topic === "carm.request-rate" ? `${cluster} ${value.arrivals}` : `${topic} ${cluster}`);
      return [];
    },
  });
  const worker = await createWorker({ broker, codec, processor, stores, logIdentity: "x", ...options });
  await worker.runUntilIdle();
  await worker.close();
  return { metrics: worker.metrics, steps, letters: await deadLetters(log) };
}

async function deadLetters(log: Log): Promise<TopicRecords["carm.dead-letters"][]> {
  const partitions = Array.from({ length: log.partitions }, (_, i) => i);
  const records = await Promise.all(
    partitions.map((partition) => readAll(log.broker, "carm.dead-letters", partition)),
  );
  return records.flat().map(({ value }) => log.codec.decode("carm.dead-letters", value!));
}

const good = (log: Log, arrivals: number) =>
  outgoing(log, "carm.request-rate", requests("lab", startAt, arrivals));

describe("a record that can't be used", () => {
  test.each([
    ["ERR_RECORD_MALFORMED", (record: OutgoingRecord) => ({ ...record, value: Buffer.from("no record") })],
    [
      "ERR_RECORD_MALFORMED",
      (record: OutgoingRecord) => ({ ...record, value: record.value!.subarray(0, -3) }),
    ],
    ["ERR_RECORD_MALFORMED", (record: OutgoingRecord) => ({ ...record, value: null })],
    [
      "ERR_RECORD_SCHEMA_UNKNOWN",
      (record: OutgoingRecord) => ({ ...record, value: Buffer.from([0, 9, 9, 9, 9, 0]) }),
    ],
    [
      "ERR_RECORD_CLOCK_SKEW",
      (record: OutgoingRecord) => ({ ...record, timestamp: startAt + 2 * 3_600_000 }),
    ],
    ["ERR_LIMIT_EXCEEDED", (record: OutgoingRecord) => ({ ...record, key: Buffer.alloc(1_000_000) })],
  ])("is a dead letter with reason %s, and the others go on", async (reason, spoil) => {
    const log = await createLog();
    const spoilt = spoil(good(log, 2));
    const { letters, steps, metrics } = await run(log, [good(log, 1), spoilt, good(log, 3)]);
    expect(steps).toEqual(["lab 1", "lab 3"]);
    expect(letters).toMatchObject([{ reason, topic: "carm.request-rate", partition: 0, offset: 1 }]);
    expect(letters[0]!.detail).not.toBe("");
    expect(metrics.deadLettersByReason).toEqual({ [reason]: 1 });
    expect(metrics.recordsByTopic).toEqual({ "carm.request-rate": 3 });
  });

  test("keeps its bytes as they came, unless they are above the limit", async () => {
    const log = await createLog();
    const value = Buffer.from("garbage");
    const large = Buffer.alloc(901_000);
    const { letters } = await run(log, [
      { ...good(log, 1), value },
      { ...good(log, 2), value: large },
    ]);
    expect(Buffer.from(letters[0]!.value!)).toEqual(value);
    expect(Buffer.from(letters[0]!.key!).toString()).toBe("lab");
    expect(letters[1]).toMatchObject({ value: null, key: null, reason: "ERR_LIMIT_EXCEEDED" });
    expect(letters[1]!.detail).toContain("901003");
  });

  test("names no cluster and cuts its detail where they would not fit", async () => {
    const log = await createLog();
    const cluster = "x".repeat(100_000);
    const { letters } = await run(log, [outgoing(log, "carm.request-rate", requests(cluster, startAt, 1))]);
    expect(letters).toMatchObject([{ reason: "ERR_RECORD_INVALID", cluster: "" }]);
    expect(letters[0]!.detail.length).toBeLessThanOrEqual(4_096);
  });

  test("is a dead letter if its values can't be true, and names its cluster", async () => {
    const log = await createLog();
    const { letters } = await run(log, [outgoing(log, "carm.grid-intensity", intensity("lab", startAt, -5))]);
    expect(letters).toMatchObject([{ reason: "ERR_RECORD_INVALID", cluster: "lab" }]);
  });

  test("does not let one partition fill up with clusters", async () => {
    const log = await createLog();
    const records = ["a", "b", "c"].map((cluster) =>
      outgoing(log, "carm.request-rate", requests(cluster, startAt, 1)),
    );
    const { letters, steps } = await run(log, records, { limits: { maxClustersPerPartition: 2 } });
    expect(steps).toEqual(["a 1", "b 1"]);
    expect(letters).toMatchObject([{ reason: "ERR_LIMIT_EXCEEDED", cluster: "c" }]);
  });
});

describe("a schema that is not known yet", () => {
  test("is learnt from the registry, and the record processed", async () => {
    const log = await createLog();
    const schemas = new Map<number, string>();
    const registry = (offset: number): SchemaRegistry => ({
      async register(_, text) {
        const id = offset + schemas.size;
        schemas.set(id, text);
        return id;
      },
      schema: async (id) => schemas.get(id)!,
    });
    const writer = await createCodec(registry(500));
    const codec = await createCodec(registry(1_000));
    const { steps, letters } = await run(log, [good({ ...log, codec: writer }, 4)], { codec });
    expect(steps).toEqual(["lab 4"]);
    expect(letters).toEqual([]);
  });
});

describe("a misplaced record", () => {
  test("is sent on to its own partition, once, and processed there", async () => {
    const log = await createLog(4);
    const record = good(log, 5);
    const elsewhere = (record.partition + 1) % 4;
    const { steps, letters, metrics } = await run(log, [{ ...record, partition: elsewhere }]);
    expect(steps).toEqual(["lab 5"]);
    expect(letters).toEqual([]);
    expect(metrics.rerouted).toBe(1);
    const [sentOn] = await readAll(log.broker, "carm.request-rate", record.partition);
    expect(Buffer.from(sentOn!.headers![reroutedHeader]!).toString()).toBe(`${elsewhere}:0`);
    expect(sentOn).toMatchObject({ key: record.key, value: record.value, timestamp: record.timestamp });
  });

  test("is a dead letter if it was already sent on", async () => {
    const log = await createLog(4);
    const record = good(log, 5);
    const headers = { [reroutedHeader]: Buffer.from("0:0") };
    const { steps, letters, metrics } = await run(log, [
      { ...record, partition: (record.partition + 1) % 4, headers },
    ]);
    expect(steps).toEqual([]);
    expect(letters).toMatchObject([{ reason: "ERR_RECORD_MISPLACED", cluster: "lab" }]);
    expect(metrics.rerouted).toBe(0);
  });

  test("of time itself goes to the partition it names, if there is one", async () => {
    const log = await createLog(2);
    const home = good(log, 1);
    const misplaced = { ...tick(log, startAt, home.partition), partition: 1 - home.partition };
    const nowhere = tick({ ...log, partitions: 9 }, startAt, 7);
    const { steps, letters } = await run(log, [home, misplaced, { ...nowhere, partition: 0 }]);
    expect(steps).toEqual(["lab 1", "carm.ticks lab"]);
    expect(letters).toMatchObject([{ reason: "ERR_RECORD_MISPLACED", topic: "carm.ticks" }]);
  });
});
