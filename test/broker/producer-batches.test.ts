import fc from "fast-check";
import { expect, it } from "vitest";
import type { OutgoingRecord } from "../../src/broker/index.ts";
import { producerBatches } from "../../src/broker/kafka/producer-batches.ts";

const records = fc.array(
  fc.record({ partition: fc.nat(2), topic: fc.constantFrom("a", "b"), size: fc.nat(400_000) }),
  { maxLength: 20 },
);

it("keeps every record, in order within its partition, in batches that a broker takes", () => {
  fc.assert(
    fc.property(records, (sizes) => {
      const sent = sizes.map(({ topic, partition, size }, i): OutgoingRecord => {
        return { topic, partition, key: Buffer.from(String(i)), value: Buffer.alloc(size), timestamp: 0 };
      });
      const seen = new Map<string, string[]>();
      for (const round of producerBatches(sent)) {
        const bytes = new Map<string, number>();
        for (const { topic, messages } of round) {
          for (const { partition, key, value } of messages) {
            const place = `${topic}/${partition}`;
            bytes.set(place, (bytes.get(place) ?? 0) + (value as Buffer).length);
            seen.set(place, [...(seen.get(place) ?? []), String(key)]);
          }
        }
        for (const size of bytes.values()) expect(size).toBeLessThan(1_048_576);
      }
      for (const [place, keys] of seen) {
        const expected = sent.filter(({ topic, partition }) => `${topic}/${partition}` === place);
        expect(keys).toEqual(expected.map(({ key }) => Buffer.from(key!).toString()));
      }
      expect([...seen.values()].flat()).toHaveLength(sent.length);
    }),
  );
});
