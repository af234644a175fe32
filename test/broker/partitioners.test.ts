import fc from "fast-check";
import { Partitioners } from "kafkajs";
import { expect, it } from "vitest";
import { partitionOf } from "../../src/records/index.ts";

it("a record keyed by its cluster alone is put where the processor expects it by kafkajs and Java clients", () => {
  const partitioner = Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 48 }), (cluster, count) => {
      const partitionMetadata = Array.from({ length: count }, (_, partitionId) => {
        return { partitionId, leader: 1, partitionErrorCode: 0, replicas: [1], isr: [1] };
      });
      const message = { key: Buffer.from(cluster), value: null };
      expect(partitioner({ topic: "carm.job-events", partitionMetadata, message })).toBe(
        partitionOf(cluster, count),
      );
    }),
  );
});
