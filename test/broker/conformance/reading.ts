import { describe, expect, it } from "vitest";
import type { OutgoingRecord } from "../../../src/broker/index.ts";
import {
  eventually,
  POLL_MS,
  pollSome,
  pollUntil,
  readToEnd,
  readValues,
  record,
  type Suite,
  textOf,
} from "./suite.ts";

export function describeReading(suite: Suite): void {
  describe("reading", () => {
    it("gives back key, value, headers and place, bit for bit", async () => {
      const topic = await suite.topic({ partitions: 2 });
      const sent: OutgoingRecord = {
        topic,
        partition: 1,
        key: new Uint8Array([0, 255, 128]),
        value: new Uint8Array([0, 1, 2, 254]),
        timestamp: Date.UTC(2025, 5, 1),
        headers: { "carm-rerouted": new Uint8Array([1]) },
      };
      const producer = await suite.broker.producer();
      await producer.send([sent]);
      const reader = await suite.broker.readPartitions([{ topic, partition: 1, offset: 0 }]);
      const [got] = await pollUntil(reader, "a record", (found) => found.length > 0);
      expect([...got!.key!]).toEqual([0, 255, 128]);
      expect([...got!.value!]).toEqual([0, 1, 2, 254]);
      expect([...got!.headers!["carm-rerouted"]!]).toEqual([1]);
      expect(got).toMatchObject({ topic, partition: 1, offset: 0, timestamp: Date.UTC(2025, 5, 1) });
    });

    it("gives tombstones as null", async () => {
      const topic = await suite.topic({ cleanup: "compact" });
      const producer = await suite.broker.producer();
      await producer.send([record(topic, null, 0, "gone")]);
      const [got] = await pollUntil(await suite.reader(topic), "a record", (found) => found.length > 0);
      expect(got!.value).toBeNull();
    });

    it("keeps the order of each partition over many polls and loses nothing", async () => {
      const topic = await suite.topic({ partitions: 2 });
      const values = Array.from({ length: 3000 }, (_, i) => String(i));
      await suite.send(topic, values, 0);
      await suite.send(topic, values, 1);
      const from = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
      const records = await pollUntil(
        await suite.broker.readPartitions(from),
        "all",
        (found) => found.length >= 6000,
      );
      for (const partition of [0, 1]) {
        expect(records.filter((r) => r.partition === partition).map(textOf)).toEqual(values);
      }
    });

    it("reports positions that lie after the records returned and reach the end", async () => {
      const topic = await suite.topic();
      await suite.send(topic, ["a", "b", "c"]);
      const end = await suite.end(topic);
      const reader = await suite.reader(topic);
      let position = 0;
      await eventually("the end", async () => {
        const { records, positions } = await reader.poll(POLL_MS);
        for (const { offset } of records) expect(offset).toBeGreaterThanOrEqual(position);
        position = positions[0]?.offset ?? position;
        for (const { offset } of records) expect(offset).toBeLessThan(position);
        return position === end ? true : undefined;
      });
    });

    it("starts where it is told", async () => {
      const topic = await suite.topic();
      await suite.send(topic, ["a", "b", "c"]);
      expect(await readValues(await suite.reader(topic, 1), 2)).toEqual(["b", "c"]);
    });

    it("returns nothing when there is nothing, and what comes later when it comes", async () => {
      const topic = await suite.topic();
      const reader = await suite.reader(topic);
      expect(await reader.poll(0)).toEqual({ records: [], positions: [] });
      const waiting = readValues(reader, 1);
      await suite.send(topic, ["late"]);
      expect(await waiting).toEqual(["late"]);
    });

    it("is not shared with other readers", async () => {
      const topic = await suite.topic();
      await suite.send(topic, ["a"]);
      expect(await readValues(await suite.reader(topic), 1)).toEqual(["a"]);
      expect(await readValues(await suite.reader(topic), 1)).toEqual(["a"]);
    });

    it("goes on from where it is sent by seek, backwards and forwards", async () => {
      const topic = await suite.topic();
      await suite.send(topic, ["a", "b", "c", "d"]);
      const reader = await suite.reader(topic);
      await readValues(reader, 1);
      reader.seek({ topic, partition: 0, offset: 1 });
      expect((await readValues(reader, 3)).slice(0, 3)).toEqual(["b", "c", "d"]);
      reader.seek({ topic, partition: 0, offset: 3 });
      expect(await readValues(reader, 1)).toEqual(["d"]);
    });

    it("gives nothing of a paused partition, and goes on at the same place after", async () => {
      const topic = await suite.topic({ partitions: 2 });
      const from = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
      const reader = await suite.broker.readPartitions(from);
      reader.pause([{ topic, partition: 0 }]);
      await suite.send(topic, ["held"], 0);
      await suite.send(topic, ["free"], 1);
      expect(await readValues(reader, 1)).toEqual(["free"]);
      expect(await pollSome(reader)).toEqual([]);
      reader.resume([{ topic, partition: 0 }]);
      expect(await readValues(reader, 1)).toEqual(["held"]);
    });

    it("reaches the end of a log that ends with no record to see", async () => {
      const topic = await suite.topic();
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      for (const end of ["commit", "abort", "abort"] as const) {
        producer.begin();
        await producer.send([record(topic, end)]);
        await producer[end]();
      }
      await eventually("three records and three markers", async () =>
        (await suite.end(topic)) === 6 ? true : undefined,
      );
      expect(await readToEnd(suite, topic)).toEqual(["commit"]);
    });

    it("reports that a position moved past aborted records although there is nothing to return", async () => {
      const topic = await suite.topic();
      const producer = await suite.broker.transactionalProducer(suite.name("id"));
      producer.begin();
      await producer.send([record(topic, "aborted")]);
      await producer.abort();
      const records = await pollUntil(
        await suite.reader(topic),
        "position 2",
        (_, at) => at.get(`${topic}/0`) === 2,
      );
      expect(records).toEqual([]);
    });

    it("keeps at least the latest record of every key of a compacted topic", async () => {
      const topic = await suite.topic({ cleanup: "compact" });
      const producer = await suite.broker.producer();
      for (let round = 0; round < 10; round++) {
        await producer.send(
          Array.from({ length: 100 }, (_, i) => record(topic, `${i}:${round}`, 0, `key-${i}`)),
        );
      }
      const latest = new Map(
        (await readToEnd(suite, topic)).map((value) => value.split(":") as [string, string]),
      );
      expect(latest.size).toBe(100);
      expect(new Set(latest.values())).toEqual(new Set(["9"]));
    });
  });
}
