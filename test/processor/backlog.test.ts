import { describe, expect, test } from "vitest";
import { createPublisher } from "../../src/client/index.ts";
import { carmProcessor } from "../../src/processor/index.ts";
import type { TopicName, TopicRecords } from "../../src/records/index.ts";
import { createMemoryStores, createWorker } from "../../src/stream/index.ts";
import { createLog, type Log, readAll, startAt } from "../stream/harness.ts";
import { liveMinute } from "../support/live-cluster.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const clusters = ["lab", "edge", "hall-7"];

/** What the sources of all clusters write, and ticks, every minute. */
async function live(log: Log, fromMs: number, untilMs: number): Promise<void> {
  const publisher = await createPublisher(log.broker, log.codec);
  for (let at = fromMs; at < untilMs; at += minuteMs) {
    for (const cluster of clusters) {
      const records = liveMinute({ cluster, nodes: 2, jobs: 3, leaseMs: 300_000 }, startAt, at);
      for (const { topic, value } of records) publisher.add(topic, value as never, at);
    }
    publisher.add("carm.ticks", { cluster: "", observedAt: at, partition: 0 }, at);
  }
  await publisher.close();
}

async function outputs<T extends TopicName>(log: Log, topic: T): Promise<TopicRecords[T][]> {
  const records = await readAll(log.broker, topic, 0);
  return records.flatMap(({ value }) => (value === null ? [] : [log.codec.decode(topic, value)]));
}

describe("two hours of backlog", () => {
  test("lead to one plan a cluster and to no lease that is born expired, and every hour is stated", async () => {
    const log = await createLog();
    const { broker, codec } = log;
    const stores = createMemoryStores();
    const processor = carmProcessor;
    const worker = await createWorker({ broker, codec, processor, stores, logIdentity: "x" });
    const stoppedAt = startAt + 3 * hourMs;
    for (let at = startAt; at < stoppedAt; at += minuteMs) {
      await live(log, at, at + minuteMs);
      await worker.runUntilIdle();
    }
    const plansBefore = await outputs(log, "carm.plans");
    const decisionsBefore = await outputs(log, "carm.decisions");
    expect(decisionsBefore.length).toBeGreaterThan(0);

    const caughtUpAt = stoppedAt + 2 * hourMs + 10 * minuteMs;
    await live(log, stoppedAt, caughtUpAt);
    await worker.runUntilIdle();
    for (let at = caughtUpAt; at < caughtUpAt + 5 * minuteMs; at += minuteMs) {
      await live(log, at, at + minuteMs);
      await worker.runUntilIdle();
    }
    await worker.close();

    const plans = (await outputs(log, "carm.plans")).slice(plansBefore.length);
    expect(plans.map(({ cluster }) => cluster).sort()).toEqual([...clusters].sort());
    const decisions = (await outputs(log, "carm.decisions")).slice(decisionsBefore.length);
    expect(new Set(decisions.map(({ cluster }) => cluster))).toEqual(new Set(clusters));
    for (const { observedAt, leaseMs } of decisions) expect(observedAt + leaseMs).toBeGreaterThan(caughtUpAt);
    const hours = new Set((await outputs(log, "carm.ledger")).map(({ startsAt }) => startsAt));
    for (let at = startAt; at < startAt + 5 * hourMs; at += hourMs) expect(hours).toContain(at);
  });
});
