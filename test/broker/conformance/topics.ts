import { describe, expect, it } from "vitest";
import { pollUntil, readToEnd, type Suite } from "./suite.ts";

export function describeTopics(suite: Suite): void {
  describe("topics", () => {
    it("are created with their partitions", async () => {
      const topic = await suite.topic({ partitions: 3 });
      expect(await suite.broker.partitionCount(topic)).toBe(3);
    });

    it("are left alone if they exist", async () => {
      const topic = await suite.topic({ partitions: 2 });
      await suite.send(topic, ["kept"]);
      await suite.broker.createTopics([
        { name: topic, partitions: 5, cleanup: "delete", retentionMs: -1, timestamps: "CreateTime" },
      ]);
      expect(await suite.broker.partitionCount(topic)).toBe(2);
      expect(await readToEnd(suite, topic)).toEqual(["kept"]);
    });

    it("that do not exist have no partition count", async () => {
      await expect(suite.broker.partitionCount(suite.name("missing"))).rejects.toMatchObject({
        code: "ERR_TOPIC_UNKNOWN",
      });
    });

    it("end at 0 when empty", async () => {
      expect(await suite.end(await suite.topic())).toBe(0);
    });

    it("tell their ends in the order in which they are asked for", async () => {
      const topics = await Promise.all(["a", "b", "c", "d", "e"].map(() => suite.topic({ partitions: 2 })));
      for (const [i, topic] of topics.entries()) await suite.send(topic, new Array(i + 1).fill("x"));
      const asked = [...topics].reverse().flatMap((topic) => [
        { topic, partition: 0 },
        { topic, partition: 1 },
      ]);
      const ends = await suite.broker.endPositions(asked);
      expect(ends.map(({ topic, partition }) => ({ topic, partition }))).toEqual(asked);
      expect(ends.filter(({ partition }) => partition === 0).map(({ offset }) => offset)).toEqual([
        5, 4, 3, 2, 1,
      ]);
    });

    it("with CreateTime keep the producer's timestamp", async () => {
      const topic = await suite.topic({ timestamps: "CreateTime" });
      await suite.send(topic, ["a"]);
      const [first] = await pollUntil(await suite.reader(topic), "a record", (found) => found.length > 0);
      expect(first!.timestamp).toBe(Date.UTC(2025, 0, 1));
    });

    it("with LogAppendTime stamp the time of the append", async () => {
      const topic = await suite.topic({ timestamps: "LogAppendTime" });
      const before = Date.now();
      await suite.send(topic, ["a"]);
      const [first] = await pollUntil(await suite.reader(topic), "a record", (found) => found.length > 0);
      // A broker on another machine may have another clock, but not another year.
      expect(Math.abs(first!.timestamp - before)).toBeLessThan(24 * 3_600_000);
    });
  });
}
