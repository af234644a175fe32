import { expect, test } from "vitest";
import { createPublisher } from "../../src/client/index.ts";
import { carmProcessor } from "../../src/processor/index.ts";
import { createMemoryStores, createWorker } from "../../src/stream/index.ts";
import { liveMinute } from "../support/live-cluster.ts";
import { cliHarness } from "./cli-harness.ts";

const minuteMs = 60_000;

test("carm processor verify finds nothing on a sound log, and names what somebody added to one", async () => {
  const carm = await cliHarness();
  const { broker, codec } = carm;
  const stores = createMemoryStores();
  const worker = await createWorker({ broker, codec, processor: carmProcessor, stores, logIdentity: "x" });
  const publisher = await createPublisher(broker, codec);
  const startsAt = carm.nowMs;
  for (; carm.nowMs < startsAt + 15 * minuteMs; carm.nowMs += minuteMs) {
    const at = carm.nowMs;
    const records = liveMinute({ cluster: "lab", nodes: 1, jobs: 1, leaseMs: 300_000 }, startsAt, at);
    for (const { topic, value } of records) publisher.add(topic, value as never, at);
    await publisher.flush();
    await worker.runUntilIdle();
  }
  await worker.close();
  const sound = await carm.json<{ inputRecords: number; differences: string[] }[]>(
    "processor",
    "verify",
    "--json",
  );
  expect(sound.length).toBe(3);
  expect(sound.flatMap(({ differences }) => differences)).toEqual([]);
  expect(sound.reduce((sum, { inputRecords }) => sum + inputRecords, 0)).toBeGreaterThan(30);

  const forged = await broker.producer();
  const key = Buffer.from("lab/job/forged");
  await forged.send([{ topic: "carm.jobs", partition: 1, key, value: Buffer.of(0), timestamp: startsAt }]);
  const { code, stdout, stderr } = await carm.run("processor", "verify");
  expect(code).not.toBe(0);
  expect(stdout).toContain('partition 1: carm.jobs has too much: the key "lab/job/forged"');
  expect(stderr).toContain("ERR_LOG_DIFFERS");
});
