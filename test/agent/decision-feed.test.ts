import { beforeEach, describe, expect, test } from "vitest";
import { createDecisionFeed, type DecisionFeed } from "../../src/agent/index.ts";
import { type Broker, createEmbeddedBroker, type Producer } from "../../src/broker/index.ts";
import {
  createCodec,
  type Decision,
  embeddedRegistry,
  partitionOf,
  type RecordCodec,
  recordKey,
  topicDeclaration,
} from "../../src/records/index.ts";
import { CLUSTER, decision } from "./harness.ts";

const TOPIC = "carm.decisions";
const utf8 = new TextEncoder();
const partition = partitionOf(CLUSTER, topicDeclaration(TOPIC).partitions);

let broker: Broker;
let producer: Producer;
let codec: RecordCodec;
beforeEach(async () => {
  broker = createEmbeddedBroker();
  await broker.createTopics([topicDeclaration(TOPIC)]);
  producer = await broker.producer();
  codec = await createCodec(embeddedRegistry());
});

async function write(key: string, value: Uint8Array | null): Promise<void> {
  await producer.send([{ topic: TOPIC, partition, key: utf8.encode(key), value, timestamp: 0 }]);
}

async function decide(decided: Decision): Promise<void> {
  await write(recordKey(TOPIC, decided), codec.encode(TOPIC, decided));
}

/** Polls until so many updates have come: what is written need not be visible at once. */
async function take(feed: DecisionFeed, count: number): Promise<string[]> {
  const lines: string[] = [];
  while (lines.length < count) {
    for (const update of await feed.poll()) {
      const { id } = update.kind === "decided" ? update.decision.target : update.target;
      lines.push(update.kind === "decided" ? `${id}@${update.decision.epoch.sequence}` : `${id} dropped`);
    }
  }
  return lines;
}

describe("the feed of decisions", () => {
  test("gives everything from the beginning in one go, then what follows", async () => {
    // More than one read takes.
    for (let i = 0; i < 1_200; i++) await decide(decision("job", `job-${i}`, i));
    const feed = createDecisionFeed({ broker, codec, cluster: CLUSTER });
    expect(await feed.poll()).toHaveLength(1_200);
    expect(await feed.poll()).toEqual([]);
    await decide(decision("job", "later", 9_000));
    expect(await take(feed, 1)).toEqual(["later@9000"]);
    await feed.close();
  });

  test("tells tombstones, also of names with slashes, and leaves out other clusters", async () => {
    const feed = createDecisionFeed({ broker, codec, cluster: CLUSTER });
    await decide(decision("job", "team/a", 1));
    await decide(decision("job", "b", 2, { cluster: "other" }));
    await write("other/job/b", null);
    await write(`${CLUSTER}/job/team/a`, null);
    await decide(decision("service", "s", 3));
    expect(await take(feed, 3)).toEqual(["team/a@1", "team/a dropped", "s@3"]);
    await feed.close();
  });

  test("passes over what is no decision, and counts it", async () => {
    const feed = createDecisionFeed({ broker, codec, cluster: CLUSTER });
    await write(`${CLUSTER}/job/a`, utf8.encode("no record"));
    await decide(decision("job", "b", 1));
    expect(await take(feed, 1)).toEqual(["b@1"]);
    expect(feed.skipped).toBe(1);
    await feed.close();
  });

  test("loses nothing while a new schema can't be fetched", async () => {
    await decide(decision("job", "a", 1));
    await decide(decision("job", "b", 2));
    const ofAnUnknownSchema = Uint8Array.of(0, 0, 0, 3, 231);
    let away = true;
    const learning: RecordCodec = {
      encode: (topic, value) => codec.encode(topic, value),
      decode: (topic, bytes) => codec.decode(topic, away ? ofAnUnknownSchema : bytes),
      learn: async () => {
        throw new Error("the registry is away");
      },
    };
    const feed = createDecisionFeed({ broker, codec: learning, cluster: CLUSTER });
    await expect(feed.poll()).rejects.toThrow("the registry is away");
    away = false;
    expect(await take(feed, 2)).toEqual(["a@1", "b@2"]);
    await feed.close();
  });
});
