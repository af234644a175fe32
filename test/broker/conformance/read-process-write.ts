import { describe, expect, it } from "vitest";
import type { Position } from "../../../src/broker/index.ts";
import { pollUntil, readToEnd, record, type Suite, textOf } from "./suite.ts";

export function describeReadProcessWrite(suite: Suite): void {
  describe("read, process, write", () => {
    it("counts every record once although producers die in every second transaction", async () => {
      const [input, output] = [await suite.topic(), await suite.topic()];
      const [group, id] = [suite.name("group"), suite.name("id")];
      const values = Array.from({ length: 40 }, (_, i) => String(i));
      await suite.send(input, values);
      const end = await suite.end(input);
      for (let life = 0; ; life++) {
        const producer = await suite.broker.transactionalProducer(id);
        const offset = (await suite.committed(group, input)) ?? 0;
        if (offset >= end) break;
        const reader = await suite.broker.readPartitions([{ topic: input, partition: 0, offset }]);
        const taken = (await pollUntil(reader, "a record", (found) => found.length > 0)).slice(0, 5);
        const position: Position = { topic: input, partition: 0, offset: taken.at(-1)!.offset + 1 };
        producer.begin();
        await producer.send(taken.map((r) => record(output, textOf(r))));
        await producer.sendPositions(group, [position]);
        if (life % 2 === 1) await producer.commit();
        await reader.close();
        await producer.close();
      }
      expect(await readToEnd(suite, output)).toEqual(values);
    });
  });
}
