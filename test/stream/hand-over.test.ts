import { describe, expect, test } from "vitest";
import { createMemoryStores, createWorker, type StateStores } from "../../src/stream/index.ts";
import { withFaults } from "./crash/faults.ts";
import { expectFold, materialize } from "./crash/fold.ts";
import { createLog, intensity, type Log, outgoing, readAll, requests, startAt } from "./harness.ts";
import { traceProcessor } from "./trace-processor.ts";

const limits = { maxRecordsPerTransaction: 5, maxCommitsPerFlush: 2, taskRestartDelayMs: 0 };

function join(log: Log, stores: StateStores = createMemoryStores(), broker = log.broker) {
  const processor = traceProcessor();
  return createWorker({ broker, codec: log.codec, processor, stores, logIdentity: "log", limits });
}

/** Records `from` to `from + 19`, spread over clusters. */
async function send(log: Log, from: number) {
  const producer = await log.broker.producer();
  const clusters = ["lab", "edge", "hall-7", "north"];
  await producer.send(
    Array.from({ length: 20 }, (_, i) => {
      const [cluster, at] = [clusters[i % 4]!, startAt + (from + i) * 100];
      return i % 3 === 0
        ? outgoing(log, "carm.grid-intensity", intensity(cluster, at, from + i))
        : outgoing(log, "carm.request-rate", requests(cluster, at, from + i));
    }),
  );
}

describe("a hand-over", () => {
  test("shares partitions out, and each goes on where the other stopped", async () => {
    const log = await createLog(4);
    const first = await join(log);
    await send(log, 0);
    await first.runUntilIdle();
    expect(first.running).toEqual([0, 1, 2, 3]);
    const second = await join(log);
    for (let from = 20; from < 100; from += 20) {
      await send(log, from);
      await Promise.all([first.runUntilIdle(), second.runUntilIdle()]);
    }
    expect([...first.running, ...second.running].sort()).toEqual([0, 1, 2, 3]);
    expect(second.running.length).toBe(2);
    await first.close();
    await send(log, 100);
    await second.runUntilIdle();
    await second.runUntilIdle();
    expect([...second.running].sort()).toEqual([0, 1, 2, 3]);
    let taken = 0;
    for (let partition = 0; partition < 4; partition++) taken += await expectFold(log, partition);
    expect(taken).toBe(120);
  });

  test("wherever the first owner is stopped, it is fenced when it goes on, and its folder does not lie", async () => {
    let fenced = 0;
    for (let stopAt = 0; ; stopAt++) {
      const log = await createLog();
      const folder = createMemoryStores();
      let isRunning = false;
      let calls = 0;
      const zombie = withFaults(log.broker, () => (isRunning && calls++ === stopAt ? "sleeps" : "works"));
      const first = await join(log, folder, zombie.broker);
      isRunning = true;
      await send(log, 0);
      const isStopped = zombie.stopped().then(() => true);
      const round = first.runUntilIdle();
      if (!(await Promise.race([isStopped, round.then(() => false)]))) break;

      await zombie.expireSession();
      const second = await join(log);
      await send(log, 20);
      await second.runUntilIdle();
      zombie.wake();
      await round.catch(() => {});
      await first.close().catch(() => {});
      fenced += first.metrics.fenced;
      await second.close();

      const third = await join(log, folder);
      await send(log, 40);
      await third.runUntilIdle();
      await third.close();
      expect(await expectFold(log, 0)).toBe(60);
      const store = await folder.open("trace/0");
      const changelog = await readAll(log.broker, "carm.changelog", 0);
      expect(materialize(store.range(Uint8Array.of()))).toEqual(materialize(changelog));
    }
    expect(fenced).toBeGreaterThan(10);
  });
});
