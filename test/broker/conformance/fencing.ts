import { describe, expect, it } from "vitest";
import { readValues, record, type Suite } from "./suite.ts";

export function describeFencing(suite: Suite): void {
  describe("a newer producer with the same transactional id", () => {
    it("ends what the older one left open", async () => {
      const [topic, id] = [await suite.topic(), suite.name("id")];
      const older = await suite.broker.transactionalProducer(id);
      older.begin();
      await older.send([record(topic, "left open")]);
      await suite.broker.transactionalProducer(id);
      await suite.send(topic, ["next"]);
      expect(await readValues(await suite.reader(topic), 1)).toEqual(["next"]);
    });

    it("fences the older one in the middle of a transaction", async () => {
      const [topic, id] = [await suite.topic(), suite.name("id")];
      const older = await suite.broker.transactionalProducer(id);
      older.begin();
      await older.send([record(topic, "left open")]);
      const newer = await suite.broker.transactionalProducer(id);
      await expect(older.commit()).rejects.toMatchObject({ code: "ERR_PRODUCER_FENCED" });
      newer.begin();
      await newer.send([record(topic, "newer")]);
      await newer.commit();
      expect(await readValues(await suite.reader(topic), 1)).toEqual(["newer"]);
    });

    it("fences the older one between transactions", async () => {
      const [topic, group, id] = [await suite.topic(), suite.name("group"), suite.name("id")];
      const older = await suite.broker.transactionalProducer(id);
      await suite.broker.transactionalProducer(id);
      const attempt = async () => {
        older.begin();
        await older.send([record(topic, "too late")]);
        await older.sendPositions(group, [{ topic, partition: 0, offset: 5 }]);
        await older.commit();
      };
      await expect(attempt()).rejects.toMatchObject({ code: "ERR_PRODUCER_FENCED" });
      await suite.broker.transactionalProducer(id);
      expect(await suite.committed(group, topic)).toBeUndefined();
      await suite.send(topic, ["next"]);
      expect(await readValues(await suite.reader(topic), 1)).toEqual(["next"]);
    });

    it("makes committed positions stable", async () => {
      const [topic, group, id] = [await suite.topic(), suite.name("group"), suite.name("id")];
      for (let offset = 1; offset <= 5; offset++) {
        const producer = await suite.broker.transactionalProducer(id);
        expect(await suite.committed(group, topic)).toBe(offset === 1 ? undefined : offset - 1);
        producer.begin();
        await producer.sendPositions(group, [{ topic, partition: 0, offset }]);
        await producer.commit();
      }
    });

    it("makes the end of what the older one wrote stable", async () => {
      const [topic, id] = [await suite.topic(), suite.name("id")];
      for (let i = 1; i <= 5; i++) {
        const producer = await suite.broker.transactionalProducer(id);
        expect(await suite.end(topic)).toBe(2 * (i - 1));
        producer.begin();
        await producer.send([record(topic, String(i))]);
        await producer.commit();
      }
    });

    it("leaves producers with other ids alone", async () => {
      const topic = await suite.topic();
      const one = await suite.broker.transactionalProducer(suite.name("id"));
      one.begin();
      await one.send([record(topic, "one")]);
      await suite.broker.transactionalProducer(suite.name("id"));
      await one.commit();
      expect(await readValues(await suite.reader(topic), 1)).toEqual(["one"]);
    });
  });
}
