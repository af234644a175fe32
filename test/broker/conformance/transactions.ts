import { describe, expect, it } from "vitest";
import { eventually, pollSome, pollUntil, readValues, record, type Suite, textOf } from "./suite.ts";

export function describeTransactions(suite: Suite): void {
  describe("transactions", () => {
    it("show their outputs and positions once committed", async () => {
      const [input, output, group] = [await suite.topic(), await suite.topic(), suite.name("group")];
      await suite.send(input, ["in"]);
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      producer.begin();
      await producer.send([record(output, "out")]);
      await producer.sendPositions(group, [{ topic: input, partition: 0, offset: 1 }]);
      await producer.commit();
      expect(await readValues(await suite.reader(output), 1)).toEqual(["out"]);
      expect(await eventually("a committed position", () => suite.committed(group, input))).toBe(1);
    });

    it("show nothing while open", async () => {
      const [topic, group] = [await suite.topic(), suite.name("group")];
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      producer.begin();
      await producer.send([record(topic, "open")]);
      await producer.sendPositions(group, [{ topic, partition: 0, offset: 9 }]);
      const reader = await suite.reader(topic);
      expect(await pollSome(reader)).toEqual([]);
      expect(await suite.end(topic)).toBe(0);
      expect(await suite.committed(group, topic)).toBeUndefined();
      await producer.commit();
      expect(await readValues(reader, 1)).toEqual(["open"]);
    });

    it("show nothing once aborted, neither outputs nor positions, to whoever comes later", async () => {
      const [topic, group, id] = [await suite.topic(), suite.name("group"), suite.name("id")];
      const producer = await suite.broker.transactionalProducer(id);
      producer.begin();
      await producer.send([record(topic, "aborted")]);
      await producer.sendPositions(group, [{ topic, partition: 0, offset: 9 }]);
      await producer.abort();
      producer.begin();
      await producer.send([record(topic, "committed")]);
      await producer.commit();
      expect(await readValues(await suite.reader(topic), 1)).toEqual(["committed"]);
      await suite.broker.transactionalProducer(id);
      expect(await suite.committed(group, topic)).toBeUndefined();
    });

    it("that are open hold back what others append after them", async () => {
      const topic = await suite.topic();
      await suite.send(topic, ["before"]);
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      producer.begin();
      await producer.send([record(topic, "open")]);
      await suite.send(topic, ["after"]);
      const reader = await suite.reader(topic);
      expect(await readValues(reader, 1)).toEqual(["before"]);
      expect(await pollSome(reader)).toEqual([]);
      expect(await suite.end(topic)).toBe(1);
      await producer.abort();
      expect(await readValues(reader, 1)).toEqual(["after"]);
    });

    it("hold back only partitions that they wrote to", async () => {
      const [busy, quiet] = [await suite.topic(), await suite.topic()];
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      producer.begin();
      await producer.send([record(busy, "open")]);
      await suite.send(quiet, ["free"]);
      expect(await readValues(await suite.reader(quiet), 1)).toEqual(["free"]);
      await producer.abort();
    });

    it("leave gaps in the offsets: a marker takes one in each partition", async () => {
      const topic = await suite.topic();
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      for (const value of ["a", "b"]) {
        producer.begin();
        await producer.send([record(topic, value)]);
        await producer.commit();
      }
      const records = await pollUntil(await suite.reader(topic), "both", (found) => found.length === 2);
      expect(records.map(({ offset }) => offset)).toEqual([0, 2]);
    });

    it("follow each other at once, also over several partitions", async () => {
      const topic = await suite.topic({ partitions: 3 });
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      for (let i = 0; i < 10; i++) {
        producer.begin();
        await producer.send([0, 1, 2].map((partition) => record(topic, String(i), partition)));
        await producer.commit();
      }
      const from = [0, 1, 2].map((partition) => ({ topic, partition, offset: 0 }));
      const records = await pollUntil(
        await suite.broker.readPartitions(from),
        "all",
        (found) => found.length === 30,
      );
      for (const partition of [0, 1, 2]) {
        const values = records.filter((r) => r.partition === partition).map(textOf);
        expect(values).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
      }
    });

    it("move a group's position to what was sent last", async () => {
      const [topic, group] = [await suite.topic(), suite.name("group")];
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      for (const offset of [3, 7]) {
        producer.begin();
        await producer.sendPositions(group, [{ topic, partition: 0, offset }]);
        await producer.commit();
      }
      await eventually("position 7", async () =>
        (await suite.committed(group, topic)) === 7 ? true : undefined,
      );
    });

    it("can't be used before they begin, nor begun twice", async () => {
      const topic = await suite.topic();
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      const wrong = { code: "ERR_TRANSACTION_STATE" };
      await expect(producer.send([record(topic, "a")])).rejects.toMatchObject(wrong);
      await expect(producer.commit()).rejects.toMatchObject(wrong);
      await expect(producer.abort()).rejects.toMatchObject(wrong);
      producer.begin();
      expect(() => producer.begin()).toThrow(expect.objectContaining(wrong));
      await producer.abort();
    });
  });
}
