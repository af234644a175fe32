import { describe, expect, it } from "vitest";
import type { TopicPartition } from "../../../src/broker/index.ts";
import { eventually, key, POLL_MS, pollSome, pollUntil, readValues, type Suite, textOf } from "./suite.ts";

export function describeGroups(suite: Suite): void {
  const partitionsOf = (topics: readonly string[], numbers: Iterable<number>): TopicPartition[] =>
    topics.flatMap((topic) => [...numbers].map((partition) => ({ topic, partition })));

  describe("a consumer group", () => {
    it("gives its only member every partition, from within poll", async () => {
      const topics = [await suite.topic({ partitions: 4 }), await suite.topic({ partitions: 4 })];
      const consumer = await suite.broker.consumer(suite.name("group"), topics);
      expect([...consumer.assignment]).toEqual([]);
      await eventually("four partitions", async () => {
        await consumer.poll(POLL_MS);
        return consumer.assignment.size === 4 ? true : undefined;
      });
      await consumer.close();
    });

    it("starts new partitions paused, so that they can be sought before they are read", async () => {
      const topics = [await suite.topic(), await suite.topic()];
      for (const topic of topics) await suite.send(topic, ["0", "1", "2"]);
      const consumer = await suite.broker.consumer(suite.name("group"), topics);
      await eventually("the partition", async () => {
        expect((await consumer.poll(POLL_MS)).records).toEqual([]);
        return consumer.assignment.has(0) ? true : undefined;
      });
      expect(await pollSome(consumer)).toEqual([]);
      for (const topic of topics) consumer.seek({ topic, partition: 0, offset: 1 });
      consumer.resume(partitionsOf(topics, [0]));
      const records = await pollUntil(consumer, "four records", (found) => found.length >= 4);
      for (const topic of topics) {
        expect(records.filter((r) => r.topic === topic).map(textOf)).toEqual(["1", "2"]);
      }
      await consumer.close();
    });

    it("shares partition numbers among its members, each of all topics to one", async () => {
      const topics = [await suite.topic({ partitions: 4 }), await suite.topic({ partitions: 4 })];
      for (const topic of topics) {
        for (const partition of [0, 1, 2, 3]) await suite.send(topic, [`p${partition}`], partition);
      }
      const group = suite.name("group");
      const members = [
        await suite.broker.consumer(group, topics),
        await suite.broker.consumer(group, topics),
      ];
      await eventually("two partitions each", async () => {
        for (const member of members) await member.poll(POLL_MS);
        const owned = members.flatMap((member) => [...member.assignment]).sort();
        return members.every((m) => m.assignment.size === 2) && owned.join() === "0,1,2,3" ? true : undefined;
      });
      for (const member of members) {
        const owned = partitionsOf(topics, member.assignment);
        for (const partition of owned) member.seek({ ...partition, offset: 0 });
        member.resume(owned);
        const records = await pollUntil(member, "four records", (found) => found.length >= 4);
        expect(new Set(records.map(key))).toEqual(new Set(owned.map(key)));
      }
      for (const member of members) await member.close();
    });

    it("takes partitions from a member for a new one, and gives them back when that leaves", async () => {
      const topic = await suite.topic({ partitions: 2 });
      const group = suite.name("group");
      const first = await suite.broker.consumer(group, [topic]);
      const owns = (count: number) => async () => {
        await first.poll(POLL_MS);
        return first.assignment.size === count ? true : undefined;
      };
      await eventually("both partitions", owns(2));
      const second = await suite.broker.consumer(group, [topic]);
      await eventually("one partition each", async () => {
        const before = first.assignment;
        await second.poll(POLL_MS);
        expect(first.assignment).toBe(before);
        await first.poll(POLL_MS);
        return first.assignment.size === 1 && second.assignment.size === 1 ? true : undefined;
      });
      expect(new Set([...first.assignment, ...second.assignment])).toEqual(new Set([0, 1]));
      await second.close();
      await eventually("both partitions again", owns(2));
      await first.close();
    });

    it("reads nothing of a partition that it has lost, whatever its past member asked for", async () => {
      const topic = await suite.topic({ partitions: 2 });
      const group = suite.name("group");
      const first = await suite.broker.consumer(group, [topic]);
      await eventually("both partitions", async () => {
        await first.poll(POLL_MS);
        return first.assignment.size === 2 ? true : undefined;
      });
      first.resume(partitionsOf([topic], [0, 1]));
      const second = await suite.broker.consumer(group, [topic]);
      await eventually("one partition each", async () => {
        for (const member of [first, second]) await member.poll(POLL_MS);
        return first.assignment.size === 1 && second.assignment.size === 1 ? true : undefined;
      });
      const kept = [...first.assignment][0]!;
      first.resume(partitionsOf([topic], [kept]));
      for (const partition of [0, 1]) await suite.send(topic, [`p${partition}`], partition);
      expect(await readValues(first, 1)).toEqual([`p${kept}`]);
      expect(await pollSome(first)).toEqual([]);
      for (const member of [first, second]) await member.close();
    });

    it("does not share with other groups", async () => {
      const topic = await suite.topic();
      await suite.send(topic, ["a"]);
      for (let i = 0; i < 2; i++) {
        const consumer = await suite.broker.consumer(suite.name("group"), [topic]);
        await eventually("the partition", async () => {
          await consumer.poll(POLL_MS);
          return consumer.assignment.has(0) ? true : undefined;
        });
        consumer.seek({ topic, partition: 0, offset: 0 });
        consumer.resume([{ topic, partition: 0 }]);
        expect(await readValues(consumer, 1)).toEqual(["a"]);
        await consumer.close();
      }
    });
  });
}
