import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { murmur2, partitionOf } from "../../src/records/index.ts";

interface Vectors {
  readonly murmur2: readonly { readonly key: string; readonly hash: number }[];
  readonly partitions: number;
  readonly clusters: readonly { readonly cluster: string; readonly partition: number }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../../schemas/partitioning.json", import.meta.url), "utf8"),
);

/** From Apache Kafka's own test, UtilsTest.testMurmur2. */
const kafkaHashes = {
  "21": -973932308,
  foobar: -790332482,
  "a-little-bit-long-string": -985981536,
  "a-little-bit-longer-string": -1486304829,
  lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
  abc: 479470107,
};

describe("partitioning", () => {
  it.each(Object.entries(kafkaHashes))("hashes %s as Kafka does", (key, hash) => {
    expect(murmur2(new TextEncoder().encode(key))).toBe(hash);
  });

  it("agrees with the vectors for other languages in schemas/partitioning.json", () => {
    expect(Object.fromEntries(vectors.murmur2.map(({ key, hash }) => [key, hash]))).toEqual(kafkaHashes);
    for (const { cluster, partition } of vectors.clusters) {
      expect(partitionOf(cluster, vectors.partitions), cluster).toBe(partition);
    }
  });

  it("has vectors for names of every length modulo 4, and more than a few partitions", () => {
    expect(new Set(vectors.clusters.map(({ cluster }) => cluster.length % 4)).size).toBe(4);
    expect(new Set(vectors.clusters.map(({ partition }) => partition)).size).toBeGreaterThan(5);
  });

  it("gives every name a partition that exists, and always the same", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.integer({ min: 1, max: 1000 }),
        (cluster, partitions) => {
          const partition = partitionOf(cluster, partitions);
          expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
          expect(partitionOf(cluster, partitions)).toBe(partition);
        },
      ),
      { seed: 1 },
    );
  });

  it("spreads clusters evenly", () => {
    const counts = new Array<number>(12).fill(0);
    for (let i = 0; i < 12_000; i++) counts[partitionOf(`cluster-${i}`, 12)]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
