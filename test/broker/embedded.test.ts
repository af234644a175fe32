import { describe, expect, it } from "vitest";
import { type Broker, createEmbeddedBroker, type OutgoingRecord } from "../../src/broker/index.ts";
import { describeBroker } from "./conformance.ts";

describeBroker("embedded broker", async () => createEmbeddedBroker());
for (const seed of [1, 2]) {
  describeBroker(`embedded broker with visibility that lags, seed ${seed}`, async () =>
    createEmbeddedBroker({ visibilityLag: { maxCalls: 12, seed } }),
  );
}

const HOUR_MS = 3_600_000;
const startsAt = Date.UTC(2025, 0, 1);

function record(value: string | null, key: string | null = value, timestamp = startsAt): OutgoingRecord {
  return {
    topic: "t",
    partition: 0,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestamp,
  };
}

async function brokerWith(
  cleanup: "compact" | "delete",
  options: Parameters<typeof createEmbeddedBroker>[0],
): Promise<Broker> {
  const broker = createEmbeddedBroker(options);
  await broker.createTopics([
    { name: "t", partitions: 1, cleanup, retentionMs: HOUR_MS, timestamps: "CreateTime" },
  ]);
  return broker;
}

async function readAll(broker: Broker) {
  const reader = await broker.readPartitions([{ topic: "t", partition: 0, offset: 0 }]);
  const all = [];
  for (let polled = await reader.poll(0); polled.positions.length > 0; polled = await reader.poll(0)) {
    all.push(...polled.records);
  }
  return all.map(({ key, value, offset }) => ({
    key: key && Buffer.from(key).toString(),
    value: value && Buffer.from(value).toString(),
    offset,
  }));
}

describe("the embedded broker's cleaning", () => {
  it("bounds a compacted topic by its keys, keeping the latest value of each at its offset", async () => {
    const broker = await brokerWith("compact", { cleanAfterRecords: 100 });
    const producer = await broker.producer();
    for (let i = 0; i < 10_000; i++) await producer.send([record(String(i), `key-${i % 7}`)]);
    const left = await readAll(broker);
    expect(left.length).toBeLessThan(200);
    const latest = new Map(left.map(({ key, value }) => [key, value]));
    for (let i = 9993; i < 10_000; i++) expect(latest.get(`key-${i % 7}`)).toBe(String(i));
    for (const { offset, value } of left) expect(String(offset)).toBe(value);
  });

  it("drops what a tombstone deletes at once, the tombstone itself once readers had their time", async () => {
    let now = startsAt;
    const tombstoneRetentionMs = HOUR_MS;
    const options = { cleanAfterRecords: 10, tombstoneRetentionMs, now: () => now };
    const broker = await brokerWith("compact", options);
    const producer = await broker.producer();
    const clean = async () => {
      for (let i = 0; i < 20; i++) await producer.send([record("1", "other")]);
    };
    const tombstones = async () => (await readAll(broker)).filter(({ value }) => value === null);
    await producer.send([record("1", "gone"), record(null, "gone")]);
    await clean();
    expect(await tombstones()).toEqual([{ key: "gone", value: null, offset: 1 }]);
    expect((await readAll(broker))[0]!.offset).toBe(1);
    now += HOUR_MS;
    await clean();
    expect((await tombstones()).length).toBe(1);
    now += 1;
    await clean();
    expect(await tombstones()).toEqual([]);
  });

  it("drops what is older than the retention, by the newest timestamp", async () => {
    const broker = await brokerWith("delete", { cleanAfterRecords: 100 });
    const producer = await broker.producer();
    for (let minute = 0; minute < 10_000; minute++) {
      await producer.send([record(String(minute), null, startsAt + minute * 60_000)]);
    }
    const left = await readAll(broker);
    expect(left.length).toBeGreaterThanOrEqual(60);
    expect(left.length).toBeLessThan(200);
    expect(left.at(-1)!.value).toBe("9999");
  });

  it("does not touch an open transaction, nor what waits behind it", async () => {
    const broker = await brokerWith("compact", { cleanAfterRecords: 10 });
    const open = await broker.transactionalProducer("id");
    open.begin();
    await open.send([record("open", "key")]);
    const producer = await broker.producer();
    for (let i = 0; i < 50; i++) await producer.send([record(String(i), "key")]);
    await open.commit();
    expect((await readAll(broker)).map(({ value }) => value)).toEqual([
      "open",
      ...Array.from({ length: 50 }, (_, i) => String(i)),
    ]);
  });

  it("lets a reader that is behind go on at the next record that is left", async () => {
    const broker = await brokerWith("compact", { cleanAfterRecords: 10 });
    const producer = await broker.producer();
    for (let i = 0; i < 5; i++) await producer.send([record(String(i), "key")]);
    const reader = await broker.readPartitions([{ topic: "t", partition: 0, offset: 2 }]);
    for (let i = 5; i < 10; i++) await producer.send([record(String(i), "key")]);
    const { records, positions } = await reader.poll(0);
    expect(records.map(({ offset }) => offset)).toEqual([9]);
    expect(positions).toEqual([{ topic: "t", partition: 0, offset: 10 }]);
  });
});

describe("the embedded broker", () => {
  it("refuses records that its topics can't take, and appends none of their batch", async () => {
    const broker = await brokerWith("compact", {});
    const producer = await broker.producer();
    const batchWith = (bad: OutgoingRecord) => producer.send([record("good"), bad]);
    await expect(batchWith(record("no key", null))).rejects.toMatchObject({ code: "ERR_RECORD_INVALID" });
    await expect(batchWith({ ...record("a"), partition: 1 })).rejects.toMatchObject({
      code: "ERR_TOPIC_UNKNOWN",
    });
    await expect(batchWith({ ...record("a"), topic: "x" })).rejects.toMatchObject({
      code: "ERR_TOPIC_UNKNOWN",
    });
    expect(await readAll(broker)).toEqual([]);
  });

  it("stamps LogAppendTime from the clock it is given", async () => {
    let now = startsAt;
    const broker = createEmbeddedBroker({ now: () => now });
    await broker.createTopics([
      { name: "t", partitions: 1, cleanup: "delete", retentionMs: -1, timestamps: "LogAppendTime" },
    ]);
    const producer = await broker.producer();
    await producer.send([record("a", "a", 0)]);
    now += HOUR_MS;
    await producer.send([record("b", "b", 0)]);
    const reader = await broker.readPartitions([{ topic: "t", partition: 0, offset: 0 }]);
    const { records } = await reader.poll(0);
    expect(records.map(({ timestamp }) => timestamp)).toEqual([startsAt, startsAt + HOUR_MS]);
  });

  it("with a lag shows commits late: first nothing, later everything", async () => {
    const broker = await brokerWith("delete", { visibilityLag: { maxCalls: 50, seed: 3 } });
    const producer = await broker.transactionalProducer("id");
    producer.begin();
    await producer.send([record("late")]);
    await producer.sendPositions("g", [{ topic: "t", partition: 0, offset: 1 }]);
    await producer.commit();
    const partitions = [{ topic: "t", partition: 0 }];
    expect(await broker.endPositions(partitions)).toMatchObject([{ offset: 0 }]);
    expect(await broker.committedPositions("g", partitions)).toEqual([]);
    for (let calls = 0; calls < 50; calls++) await broker.partitionCount("t");
    expect(await broker.endPositions(partitions)).toMatchObject([{ offset: 2 }]);
    expect(await broker.committedPositions("g", partitions)).toMatchObject([{ offset: 1 }]);
  });

  it("ends a poll that waits once a commit shows, also if nobody else calls", async () => {
    const broker = await brokerWith("delete", { visibilityLag: { maxCalls: 50, seed: 3 } });
    const reader = await broker.readPartitions([{ topic: "t", partition: 0, offset: 0 }]);
    const producer = await broker.transactionalProducer("id");
    const waiting = reader.poll(600_000);
    producer.begin();
    await producer.send([record("late")]);
    await producer.commit();
    expect((await waiting).records).toHaveLength(1);
  });

  it("answers every call with ERR_BROKER_CLOSED once closed, and ends a poll that waits", async () => {
    const broker = await brokerWith("delete", {});
    const reader = await broker.readPartitions([{ topic: "t", partition: 0, offset: 0 }]);
    const producer = await broker.producer();
    const closed = { code: "ERR_BROKER_CLOSED" };
    const waiting = expect(reader.poll(60_000)).rejects.toMatchObject(closed);
    await broker.close();
    await waiting;
    await expect(producer.send([record("a")])).rejects.toMatchObject(closed);
    await expect(broker.partitionCount("t")).rejects.toMatchObject(closed);
  });

  it("ends a poll that waits when its reader is closed", async () => {
    const broker = await brokerWith("delete", {});
    const reader = await broker.readPartitions([{ topic: "t", partition: 0, offset: 0 }]);
    const waiting = expect(reader.poll(60_000)).rejects.toMatchObject({ code: "ERR_BROKER_CLOSED" });
    await reader.close();
    await waiting;
  });
});
