import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { IncomingRecord } from "../../src/broker/index.ts";
import { createMemoryStores, createRocksStores, createWorker } from "../../src/stream/index.ts";
import { withFaults } from "./crash/faults.ts";
import { expectFold, fold, hex } from "./crash/fold.ts";
import { createLog, intensity, type Log, outgoing, readAll, requests, startAt, tick } from "./harness.ts";
import { inputs, traceProcessor } from "./trace-processor.ts";

const folder = mkdtempSync(join(tmpdir(), "carm-worker-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clusters = ["lab", "edge", "hall-7", "north"];

/** Input with equal append times, ticks, and several clusters to a partition. */
function sampleInput(log: Log, records: number, from = 0) {
  return Array.from({ length: records }, (_, i) => {
    const at = startAt + Math.floor((from + i) / 3) * 1_000;
    const cluster = clusters[i % clusters.length]!;
    if (i % 7 === 6) return tick(log, at, i % log.partitions);
    if (i % 3 === 0) return outgoing(log, "carm.grid-intensity", intensity(cluster, at, i));
    return outgoing(log, "carm.request-rate", requests(cluster, at, i));
  });
}

async function send(
  log: Log,
  records: Parameters<Awaited<ReturnType<Log["broker"]["producer"]>>["send"]>[0],
) {
  const producer = await log.broker.producer();
  await producer.send(records);
  await producer.close();
}

function workerOn(log: Log, options: Partial<Parameters<typeof createWorker>[0]> = {}) {
  const { broker, codec } = log;
  const common = { processor: traceProcessor(), stores: createMemoryStores(), logIdentity: "log-1" };
  return createWorker({ broker, codec, ...common, ...options });
}

const bytesOf = (records: readonly IncomingRecord[]) => records.map(({ value }) => value && hex(value));

describe("a worker", () => {
  test("processes each record once and leaves outputs and state equal to a plain fold", async () => {
    const log = await createLog(3);
    await send(log, sampleInput(log, 200));
    const worker = await workerOn(log);
    expect(await worker.runUntilIdle()).toBe(200);
    await send(log, sampleInput(log, 100, 200));
    expect(await worker.runUntilIdle()).toBe(100);
    expect(await worker.runUntilIdle()).toBe(0);
    await worker.close();
    let taken = 0;
    for (let partition = 0; partition < 3; partition++) taken += await expectFold(log, partition);
    expect(taken).toBe(300);
  });

  test("gives the same bytes however the input is cut into transactions", async () => {
    const outcomes = [];
    for (const maxRecordsPerTransaction of [1, 7, 1_000]) {
      const log = await createLog();
      await send(log, sampleInput(log, 150));
      const worker = await workerOn(log, { limits: { maxRecordsPerTransaction } });
      await worker.runUntilIdle();
      await worker.close();
      outcomes.push(bytesOf(await readAll(log.broker, "carm.forecasts", 0)));
    }
    expect(outcomes[0]!.length).toBeGreaterThan(150);
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]).toEqual(outcomes[0]);
  });

  test("gives other outputs for another order of the same records: the recorded interleaving matters", async () => {
    const log = await createLog();
    await send(log, sampleInput(log, 30));
    const byRank = await Promise.all(inputs.map((topic) => readAll(log.broker, topic, 0)));
    const taken = byRank.flatMap((records, rank) =>
      records.map((record) => ({ rank, record, decidesFrom: 0, incarnation: 1 })),
    );
    const worker = await workerOn(log);
    await worker.runUntilIdle();
    const outputs = bytesOf(await readAll(log.broker, "carm.forecasts", 0));
    expect(fold(log, taken).outputs).not.toEqual(outputs);
  });

  test("commits where it goes on, also behind records that nobody sees", async () => {
    const log = await createLog();
    await send(log, sampleInput(log, 3));
    const aborted = await log.broker.transactionalProducer("other");
    aborted.begin();
    await aborted.send([outgoing(log, "carm.request-rate", requests("lab", startAt, 1))]);
    await aborted.abort();
    let nowMs = 0;
    const worker = await workerOn(log, {
      clock: { monotonicMs: () => nowMs, epochMs: () => startAt },
      limits: { positionCommitIntervalMs: 1_000 },
    });
    await worker.runUntilIdle();
    nowMs += 1_000;
    await worker.runUntilIdle();
    const partitions = inputs.map((topic) => ({ topic, partition: 0 }));
    const ends = (await log.broker.endPositions(partitions)).filter(({ offset }) => offset > 0);
    expect(ends.find(({ topic }) => topic === "carm.request-rate")!.offset).toBeGreaterThan(3);
    const committed = await log.broker.committedPositions("trace", partitions);
    expect(committed.filter(({ offset }) => offset > 0)).toEqual(ends);
  });

  test("waits for no input once it has seen that only invisible records were left on it", async () => {
    const log = await createLog();
    const aborted = await log.broker.transactionalProducer("other");
    aborted.begin();
    await aborted.send(Array.from({ length: 1_200 }, (_, i) => tick(log, startAt + i, 0)));
    await aborted.abort();
    await send(log, sampleInput(log, 6));
    const frozen = { monotonicMs: () => 0, epochMs: () => startAt };
    const worker = await workerOn(log, { clock: frozen });
    expect(await worker.runUntilIdle()).toBe(6);
  });

  test("counts what it read, wrote and committed", async () => {
    const log = await createLog();
    const records = sampleInput(log, 20);
    await send(log, records);
    const worker = await workerOn(log);
    await worker.runUntilIdle();
    const { metrics } = worker;
    const counted = Object.values(metrics.recordsByTopic).reduce((sum, n) => sum + n, 0);
    expect(counted).toBe(20);
    expect(metrics.inputBytes).toBe(
      records.reduce((sum, { key, value }) => sum + key!.length + value!.length, 0),
    );
    expect(metrics.outputRecords).toBe((await readAll(log.broker, "carm.forecasts", 0)).length);
    const changelog = await readAll(log.broker, "carm.changelog", 0);
    expect(metrics.changelogRecords).toBe(changelog.length);
    const bytes = changelog.reduce((sum, { key, value }) => sum + key!.length + (value?.length ?? 0), 0);
    expect(metrics.changelogBytes).toBe(bytes);
  });

  test("reads no further ahead than its limit and one read", async () => {
    const log = await createLog();
    const records = Array.from({ length: 4_000 }, (_, i) => requests("lab", startAt + i, i));
    await send(
      log,
      records.map((value) => outgoing(log, "carm.request-rate", value)),
    );
    let read = 0;
    const consumer: typeof log.broker.consumer = async (...args) => {
      const real = await log.broker.consumer(...args);
      const poll: typeof real.poll = async (maxWaitMs) => {
        const polled = await real.poll(maxWaitMs);
        read += polled.records.length;
        return polled;
      };
      return new Proxy(real, {
        get: (_, name) => {
          const value = name === "poll" ? poll : Reflect.get(real, name, real);
          return typeof value === "function" ? value.bind(real) : value;
        },
      });
    };
    const limits = { maxBufferedRecordsPerInput: 100, maxRecordsPerTransaction: 10 };
    const worker = await workerOn(log, { broker: { ...log.broker, consumer }, limits });
    let ahead = 0;
    for (let processed = 0; processed < 4_000; ) {
      processed += await worker.runOnce(0);
      ahead = Math.max(ahead, read - processed);
    }
    expect(ahead).toBeLessThanOrEqual(600);
    await expectFold(log, 0);
  });

  test("refuses inputs that are not co-partitioned and state kinds that are its own", async () => {
    const log = await createLog(2);
    const odd = {
      name: "carm.odd",
      partitions: 3,
      cleanup: "delete",
      retentionMs: -1,
      timestamps: "CreateTime",
    } as const;
    await log.broker.createTopics([odd]);
    const processor = traceProcessor({ inputs: [...inputs, "carm.odd" as never] });
    await expect(workerOn(log, { processor })).rejects.toMatchObject({ code: "ERR_OPTION_INVALID" });
    const kind = { name: "$own", encode: () => Buffer.of(), decode: () => 0 };
    const greedy = traceProcessor({ stateKinds: [kind as never] });
    await expect(workerOn(log, { processor: greedy })).rejects.toMatchObject({ code: "ERR_OPTION_INVALID" });
  });

  test("starts a failed task again and says why, and gives up when nothing helps", async () => {
    const log = await createLog();
    await send(log, sampleInput(log, 20));
    const failures: string[] = [];
    let failing = 3;
    const { broker } = withFaults(log.broker, (_, method) =>
      method === "commit" && failing-- > 0 ? "fails" : "works",
    );
    const onTaskFailure = (partition: number, error: unknown) => failures.push(`${partition} ${error}`);
    const worker = await workerOn(log, { broker, onTaskFailure });
    expect(await worker.runUntilIdle()).toBe(20);
    expect(failures).toEqual(Array.from({ length: 3 }, () => "0 Error: fails at commit"));
    expect(worker.metrics).toMatchObject({ taskRestarts: 3, aborts: 3, commits: 1 });
    await expectFold(log, 0);
    failing = Number.POSITIVE_INFINITY;
    await send(log, sampleInput(log, 20, 20));
    await expect(worker.runUntilIdle()).rejects.toThrow("fails at commit");
    await expect(worker.runUntilIdle()).rejects.toThrow("given up");
  });

  test("runs live until told to stop, writing its own ticks", async () => {
    const log = await createLog(2);
    const stop = new AbortController();
    const steps: string[] = [];
    const processor = traceProcessor({
      step: (_, { topic, cluster }) => {
        steps.push(`${topic} ${cluster}`);
        if (steps.length === 4) stop.abort();
        return [];
      },
    });
    await send(log, [outgoing(log, "carm.request-rate", requests("lab", Date.now(), 1))]);
    const worker = await workerOn(log, { processor, writesTicks: true, limits: { tickIntervalMs: 1 } });
    await worker.run(stop.signal);
    expect(steps.slice(0, 2)).toContain("carm.request-rate lab");
    expect(steps.at(-1)).toBe("carm.ticks lab");
  });
});

describe("a worker that starts again", () => {
  test.each([
    ["memory", createMemoryStores()],
    ["RocksDB", createRocksStores(folder)],
  ])("reads only the changelog's tail if its folder is kept (%s)", async (_, stores) => {
    const log = await createLog();
    await send(log, sampleInput(log, 120));
    const first = await workerOn(log, {
      stores,
      limits: { maxRecordsPerTransaction: 10, maxCommitsPerFlush: 5 },
    });
    await first.runUntilIdle();
    await first.close();
    expect(first.metrics.restoresByReason).toEqual({ empty: 1 });
    const second = await workerOn(log, { stores });
    await second.runUntilIdle();
    expect(second.metrics.restoresByReason).toEqual({ tail: 1 });
    expect(second.metrics.restoredEntries).toBe(0);
    await send(log, sampleInput(log, 60, 120));
    await second.runUntilIdle();
    await second.close();
    await expectFold(log, 0);
  });

  test("rebuilds all state from the changelog if its folder is lost", async () => {
    const log = await createLog();
    for (let i = 0; i < 3; i++) {
      await send(log, sampleInput(log, 60, 60 * i));
      const worker = await workerOn(log);
      await worker.runUntilIdle();
      const changelog = await readAll(log.broker, "carm.changelog", 0);
      expect(worker.metrics.restoredEntries > 0).toBe(i > 0);
      expect(worker.metrics.restoredEntries).toBeLessThan(changelog.length);
      await worker.close();
    }
    await expectFold(log, 0);
  });

  test.each([
    ["identity", { logIdentity: "another log" }],
    ["age", { clock: { monotonicMs: () => 0, epochMs: () => Date.now() + 8 * 86_400_000 } }],
  ] as const)("does not trust a folder of wrong %s", async (reason, changed) => {
    const log = await createLog();
    const stores = createMemoryStores();
    await send(log, sampleInput(log, 50));
    const first = await workerOn(log, { stores });
    await first.runUntilIdle();
    await first.close();
    const second = await workerOn(log, { stores, ...changed });
    await send(log, sampleInput(log, 50, 50));
    await second.runUntilIdle();
    await second.close();
    expect(second.metrics.restoresByReason).toEqual({ [reason]: 1 });
    await expectFold(log, 0);
  });

  test.each([
    ["ahead", { position: 1e6 }],
    ["format", { format: 99 }],
    ["identity", { partition: 1 }],
  ])("does not trust a folder whose header is wrong (%s)", async (reason, wrong) => {
    const log = await createLog();
    const stores = createMemoryStores();
    await send(log, sampleInput(log, 50));
    const first = await workerOn(log, { stores });
    await first.runUntilIdle();
    await first.close();
    const store = await stores.open("trace/0");
    const header = JSON.parse(Buffer.from(store.header()!).toString());
    store.write([], Buffer.from(JSON.stringify({ ...header, ...wrong })));
    await store.close();
    const second = await workerOn(log, { stores });
    await send(log, sampleInput(log, 50, 50));
    await second.runUntilIdle();
    expect(second.metrics.restoresByReason).toEqual({ [reason]: 1 });
    await expectFold(log, 0);
  });

  test("rebuilds a local entry that can't be read, and goes on as if nothing had happened", async () => {
    const log = await createLog();
    const stores = createMemoryStores();
    await send(log, sampleInput(log, 50));
    const first = await workerOn(log, { stores });
    await first.runUntilIdle();
    await first.close();
    const store = await stores.open("trace/0");
    const damaged = store.range(Uint8Array.of()).map(({ key }) => ({ key, value: Buffer.from("{") }));
    store.write(damaged, store.header()!);
    await store.close();
    const second = await workerOn(log, { stores, limits: { taskRestartDelayMs: 0 } });
    await send(log, sampleInput(log, 50, 50));
    await second.runUntilIdle();
    await second.close();
    expect(second.metrics.restoresByReason).toEqual({ tail: 1, corrupt: 1 });
    expect(second.metrics.deadLettersByReason).toEqual({});
    await expectFold(log, 0);
  });
});
