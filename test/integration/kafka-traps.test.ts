import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createKafkaBroker } from "../../src/broker/index.ts";
import { eventually, POLL_MS, pollUntil, readValues, record, Suite } from "../broker/conformance/suite.ts";

const kafkaBrokers = inject("kafkaBrokers");

describe.skipIf(kafkaBrokers === null)("what kafkajs and Kafka do otherwise than one would think", () => {
  const brokers = (kafkaBrokers ?? "").split(",");
  const suite = new Suite(() => createKafkaBroker({ brokers }));
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  beforeAll(async () => {
    await suite.open();
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await suite.close();
  });

  it("Kafka takes a group's positions from whoever sends them, so that only the transactional id fences", async () => {
    const [topic, group, id] = [await suite.topic(), suite.name("group"), suite.name("id")];
    const member = await suite.broker.consumer(group, [topic]);
    await eventually("the partition", async () => {
      await member.poll(POLL_MS);
      return member.assignment.size === 1 ? true : undefined;
    });
    const stranger = await suite.broker.transactionalProducer(id);
    stranger.begin();
    await stranger.sendPositions(group, [{ topic, partition: 0, offset: 777 }]);
    await stranger.commit();
    await suite.broker.transactionalProducer(id);
    expect(await suite.committed(group, topic)).toBe(777);
    stranger.begin();
    const late = async () => {
      await stranger.sendPositions(group, [{ topic, partition: 0, offset: 778 }]);
      await stranger.commit();
    };
    await expect(late()).rejects.toMatchObject({ code: "ERR_PRODUCER_FENCED" });
    expect(await suite.committed(group, topic)).toBe(777);
    await member.close();
  });

  it("transactions of positions alone can follow each other at once", async () => {
    const [topic, group] = [await suite.topic(), suite.name("group")];
    const producer = await suite.broker.transactionalProducer(suite.name("id"));
    for (let offset = 1; offset <= 20; offset++) {
      producer.begin();
      await producer.sendPositions(group, [{ topic, partition: 0, offset }]);
      await producer.commit();
    }
    await eventually("position 20", async () =>
      (await suite.committed(group, topic)) === 20 ? true : undefined,
    );
  });

  it("a producer that has failed can't be used again, as nobody knows what the broker did", async () => {
    const [topic, id] = [await suite.topic(), suite.name("id")];
    const older = await suite.broker.transactionalProducer(id);
    older.begin();
    await older.send([record(topic, "lost")]);
    await suite.broker.transactionalProducer(id);
    await expect(older.commit()).rejects.toMatchObject({ code: "ERR_PRODUCER_FENCED" });
    const wrongState = { code: "ERR_TRANSACTION_STATE" };
    await expect(older.abort()).rejects.toMatchObject(wrongState);
    expect(() => older.begin()).toThrow(expect.objectContaining(wrongState));
  });

  it("records of aborted transactions that overlap are not shown, also not from the middle on", async () => {
    const topic = await suite.topic();
    const [one, two] = [
      await suite.broker.transactionalProducer(suite.name("id")),
      await suite.broker.transactionalProducer(suite.name("id")),
    ];
    for (const producer of [one, two]) producer.begin();
    for (const value of ["a", "b", "c"]) {
      for (const producer of [one, two]) await producer.send([record(topic, value)]);
    }
    await suite.send(topic, ["kept"]);
    await two.abort();
    await one.abort();
    // Seven records and two markers.
    const end = await eventually("both ends", async () => ((await suite.end(topic)) === 9 ? 9 : undefined));
    for (let offset = 0; offset <= 6; offset++) {
      const reader = await suite.reader(topic, offset);
      const records = await pollUntil(reader, "the end", (_, at) => (at.get(`${topic}/0`) ?? 0) >= end);
      expect(records.map((one) => String(one.value))).toEqual(["kept"]);
      await reader.close();
    }
  });

  it("more than a broker takes in one batch can be sent at once", async () => {
    const topic = await suite.topic();
    const value = "x".repeat(300_000);
    const producer = await suite.broker.transactionalProducer(suite.name("id"));
    producer.begin();
    await producer.send(Array.from({ length: 20 }, (_, i) => record(topic, value + i)));
    await producer.commit();
    const values = Array.from({ length: 20 }, (_, i) => value + i);
    expect(await readValues(await suite.reader(topic), 20)).toEqual(values);
  });

  it("single partitions are read without joining any group", async () => {
    const topic = await suite.topic({ partitions: 3 });
    for (const partition of [0, 1, 2]) await suite.send(topic, [`p${partition}`], partition);
    const before = (await admin.listGroups()).groups.length;
    const reader = await suite.broker.readPartitions([{ topic, partition: 1, offset: 0 }]);
    expect(await readValues(reader, 1)).toEqual(["p1"]);
    expect((await admin.listGroups()).groups.length).toBe(before);
    await reader.close();
  });

  it("a position that retention has overtaken goes on at the log's start", async () => {
    const topic = await suite.topic();
    await suite.send(topic, ["gone", "gone", "kept"]);
    // kafkajs deletes only from topics that it has heard of.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "2" }] });
    expect(await readValues(await suite.reader(topic), 1)).toEqual(["kept"]);
  });

  it("a position that the log never had is an error, not a silent jump", async () => {
    const topic = await suite.topic();
    await suite.send(topic, ["a"]);
    const reader = await suite.reader(topic, 500);
    await expect(pollUntil(reader, "an error", () => false)).rejects.toMatchObject({
      code: "ERR_POSITION_LOST",
    });
  });

  it("a member that joins takes no more than its share from the others", async () => {
    const topic = await suite.topic({ partitions: 6 });
    const group = suite.name("group");
    const members = [
      await suite.broker.consumer(group, [topic]),
      await suite.broker.consumer(group, [topic]),
    ];
    const settled = (size: number) =>
      eventually(`${size} partitions each`, async () => {
        for (const member of members) await member.poll(POLL_MS);
        return members.every(({ assignment }) => assignment.size === size) ? true : undefined;
      });
    await settled(3);
    const before = members.map(({ assignment }) => assignment);
    members.push(await suite.broker.consumer(group, [topic]));
    await settled(2);
    for (const [i, had] of before.entries()) {
      expect([...members[i]!.assignment].every((one) => had.has(one))).toBe(true);
    }
    for (const member of members) await member.close();
  });

  it("no warning of negative timeouts is printed", async () => {
    const adapter = fileURLToPath(new URL("../../src/broker/index.ts", import.meta.url));
    const program = `
      const { createKafkaBroker } = await import(${JSON.stringify(adapter)});
      const broker = await createKafkaBroker({ brokers: ${JSON.stringify(brokers)} });
      await broker.close();`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: "pipe" });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    expect([await once(child, "close"), output]).toEqual([[0, null], ""]);
  });

  it("a broker that is not there is said so, with its address", async () => {
    await expect(createKafkaBroker({ brokers: ["127.0.0.1:1"] })).rejects.toMatchObject({
      code: "ERR_BROKER_UNREACHABLE",
      message: expect.stringContaining("127.0.0.1:1"),
    });
  });
});
