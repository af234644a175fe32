import fc from "fast-check";
import { expect, it } from "vitest";
import { createEmbeddedBroker } from "../../src/broker/index.ts";

const PARTITIONS = 2;
const PRODUCERS = 3;

/** What a random client does next. */
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("send" as const), who: producer(), partition: partition() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("commit" as const), who: producer() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const), who: producer() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("replace" as const), who: producer() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("plain" as const), partition: partition() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("poll" as const) }) },
);

function producer() {
  return fc.nat(PRODUCERS - 1);
}

function partition() {
  return fc.nat(PARTITIONS - 1);
}

it("shows every committed record once, in the order of appends, and no other, whatever the lag", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 60 }),
      fc.nat(20),
      fc.nat(),
      async (actions, maxCalls, seed) => {
        const broker = createEmbeddedBroker({ visibilityLag: { maxCalls, seed }, cleanAfterRecords: 1e9 });
        await broker.createTopics([
          { name: "t", partitions: PARTITIONS, cleanup: "delete", retentionMs: -1, timestamps: "CreateTime" },
        ]);
        const plain = await broker.producer();
        const start = (who: number) => broker.transactionalProducer(`id-${who}`);
        const producers = await Promise.all(Array.from({ length: PRODUCERS }, (_, who) => start(who)));
        const isOpen = new Set<number>();
        // The oracle: who wrote what in which order, and what became of it.
        const appended: { value: number; partition: number; fate: "open" | "kept" | "lost"; who: number }[] =
          [];
        const settle = (who: number, fate: "kept" | "lost") => {
          for (const entry of appended) if (entry.who === who && entry.fate === "open") entry.fate = fate;
          isOpen.delete(who);
        };
        const append = (partition: number, who: number) => {
          const value = appended.length;
          appended.push({ value, partition, who, fate: who < 0 ? "kept" : "open" });
          return { topic: "t", partition, key: null, value: Buffer.from(String(value)), timestamp: 0 };
        };
        const reader = await broker.readPartitions(
          Array.from({ length: PARTITIONS }, (_, i) => ({ topic: "t", partition: i, offset: 0 })),
        );
        const seen: number[][] = Array.from({ length: PARTITIONS }, () => []);
        const poll = async () => {
          const { records, positions } = await reader.poll(0);
          for (const { partition, value } of records)
            seen[partition]!.push(Number(Buffer.from(value!).toString()));
          return positions.length;
        };
        for (const next of actions) {
          if (next.do === "poll") await poll();
          else if (next.do === "plain") await plain.send([append(next.partition, -1)]);
          else if (next.do === "replace") {
            settle(next.who, "lost");
            producers[next.who] = await start(next.who);
          } else {
            const writer = producers[next.who]!;
            if (!isOpen.has(next.who)) writer.begin();
            isOpen.add(next.who);
            if (next.do === "send") await writer.send([append(next.partition, next.who)]);
            else {
              await writer[next.do]();
              settle(next.who, next.do === "commit" ? "kept" : "lost");
            }
          }
          // Nothing that is not committed is ever seen.
          for (const value of seen.flat()) expect(appended[value]!.fate).toBe("kept");
        }
        for (let who = 0; who < PRODUCERS; who++) settle(who, "lost");
        for (let who = 0; who < PRODUCERS; who++) await start(who);
        while ((await poll()) > 0);
        for (let i = 0; i < PARTITIONS; i++) {
          const kept = appended.filter((entry) => entry.partition === i && entry.fate === "kept");
          expect(seen[i]).toEqual(kept.map(({ value }) => value));
        }
      },
    ),
    { numRuns: 300, seed: 20250101 },
  );
});
