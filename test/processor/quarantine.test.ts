import { expect, test } from "vitest";
import { createPublisher } from "../../src/client/index.ts";
import { carmProcessor } from "../../src/processor/index.ts";
import type { Decision } from "../../src/records/index.ts";
import { createMemoryStores, createWorker, type Processor, resumeCluster } from "../../src/stream/index.ts";
import { createLog, type Log, readAll, startAt } from "../stream/harness.ts";
import { liveMinute } from "../support/live-cluster.ts";

const minuteMs = 60_000;

async function live(log: Log, at: number): Promise<void> {
  const publisher = await createPublisher(log.broker, log.codec);
  for (const { topic, value } of liveMinute(
    { cluster: "lab", nodes: 2, jobs: 2, leaseMs: 300_000 },
    startAt,
    at,
  )) {
    publisher.add(topic, value as never, at);
  }
  publisher.add("carm.ticks", { cluster: "", observedAt: at, partition: 0 }, at);
  await publisher.close();
}

async function decisions(log: Log): Promise<Decision[]> {
  const records = await readAll(log.broker, "carm.decisions", 0);
  return records.flatMap(({ value }) => (value === null ? [] : [log.codec.decode("carm.decisions", value)]));
}

/** The last action decided about each target, leases left out. */
function actions(all: readonly Decision[]): Map<string, string> {
  const targets = all.filter(({ target }) => target.kind !== "lease");
  return new Map(targets.map(({ target, action }) => [`${target.kind} ${target.id}`, action]));
}

test("a cluster whose step fails has all it was told released; once resumed it is told everything anew", async () => {
  const log = await createLog();
  const { broker, codec } = log;
  let failsAt = Number.POSITIVE_INFINITY;
  const step: Processor["step"] = (state, record) => {
    if (record.appendedAt === failsAt && record.topic === "carm.request-rate") throw new Error("a defect");
    return carmProcessor.step(state, record);
  };
  const processor = { ...carmProcessor, step };
  const worker = await createWorker({
    broker,
    codec,
    processor,
    stores: createMemoryStores(),
    logIdentity: "x",
  });
  let at = startAt;
  const pass = async (minutes: number) => {
    for (const until = at + minutes * minuteMs; at < until; at += minuteMs) {
      await live(log, at);
      await worker.runUntilIdle();
    }
  };
  await pass(20);
  const told = actions(await decisions(log));
  expect([...told.values()]).not.toContain("release");
  expect([...told.keys()].sort()).toEqual(["job job-0", "job job-1", "service chat"]);

  failsAt = at;
  const before = (await decisions(log)).length;
  await pass(5);
  expect(worker.metrics.quarantines).toBe(1);
  const released = (await decisions(log)).slice(before);
  expect(released.map(({ action }) => action)).toEqual(["release", "release", "release"]);

  await resumeCluster(broker, codec, processor, "lab");
  await pass(5);
  const again = (await decisions(log)).slice(before + released.length);
  expect([...actions(again).keys()].sort()).toEqual([...told.keys()].sort());
  expect([...actions(again).values()]).not.toContain("release");
  const sequences = (await decisions(log)).map(({ epoch }) => epoch.sequence);
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
});
