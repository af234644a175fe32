import { describe, expect, test } from "vitest";
import type { OutgoingRecord } from "../../src/broker/index.ts";
import {
  createMemoryStores,
  createWorker,
  type Processor,
  type StepRecord,
  type WorkerOptions,
} from "../../src/stream/index.ts";
import { createLog, type Log, outgoing, readAll, requests, startAt, tick } from "./harness.ts";
import { output, traceProcessor } from "./trace-processor.ts";

const minuteMs = 60_000;

async function send(log: Log, ...records: OutgoingRecord[]) {
  const producer = await log.broker.producer();
  await producer.send(records);
  await producer.close();
}

const request = (log: Log, n: number, at = startAt) =>
  outgoing(log, "carm.request-rate", requests("lab", at, n));

/** Runs a worker over what there is; what its steps were told, read off the log. */
async function run(log: Log, told: (record: StepRecord) => number, options: Partial<WorkerOptions> = {}) {
  const { broker, codec } = log;
  const step: Processor["step"] = (_, record) => {
    const value = output(record.cluster, record.appendedAt, [told(record)]);
    return [{ topic: "carm.forecasts", value }];
  };
  const processor = traceProcessor({
    step,
    incarnationMark: { topic: "carm.forecasts", of: ({ values }) => values[0]![0]! },
  });
  const stores = createMemoryStores();
  const worker = await createWorker({ broker, codec, processor, stores, logIdentity: "x", ...options });
  await worker.runUntilIdle();
  await worker.close();
  const records = await readAll(broker, "carm.forecasts", 0);
  return records.map(({ value }) => codec.decode("carm.forecasts", value!).values[0]![0]!);
}

async function interleavings(log: Log) {
  const records = await readAll(log.broker, "carm.interleavings", 0);
  return records.map(({ value }) => log.codec.decode("carm.interleavings", value!));
}

describe("a task that lags", () => {
  const isBehind = (record: StepRecord) => Number(record.isBehind);
  const limits = { maxDecisionLagMs: minuteMs };

  test("tells its steps so, by the ticks, until it has caught up; and the log says which those were", async () => {
    const log = await createLog();
    await send(
      log,
      request(log, 1),
      request(log, 2, startAt + minuteMs),
      request(log, 3, startAt + 2 * minuteMs),
      tick(log, startAt + 2 * minuteMs, 0),
    );
    expect(await run(log, isBehind, { limits })).toEqual([1, 0, 0, 0]);
    expect((await interleavings(log)).map(({ decidesFrom }) => decidesFrom)).toEqual([startAt + minuteMs]);
  });

  test("knows the time before its own first tick comes back, if it is the one that writes them", async () => {
    const log = await createLog();
    await send(log, request(log, 1));
    const clock = { monotonicMs: () => 0, epochMs: () => startAt + 2 * minuteMs };
    expect(await run(log, isBehind, { limits, clock, writesTicks: true })).toEqual([1]);
  });

  test("does not go by its own clock any more once a tick that it wrote has come back", async () => {
    const log = await createLog();
    const fast = startAt + 10 * minuteMs;
    const own = { ...tick(log, fast, 0), timestamp: startAt + 1_000 };
    await send(log, own, request(log, 1, startAt + 2_000));
    const clock = { monotonicMs: () => 0, epochMs: () => fast };
    expect(await run(log, isBehind, { limits, clock, writesTicks: true })).toEqual([0]);
  });

  test("is not misled by its own clock if somebody else writes the ticks", async () => {
    const log = await createLog();
    await send(log, request(log, 1));
    const clock = { monotonicMs: () => 0, epochMs: () => startAt + 400 * 86_400_000 };
    expect(await run(log, isBehind, { limits, clock })).toEqual([0]);
  });
});

describe("an incarnation", () => {
  const incarnation = (record: StepRecord) => record.incarnation;

  test("stays the same as long as the state is somewhere", async () => {
    const log = await createLog();
    await send(log, request(log, 1));
    await run(log, incarnation);
    await send(log, request(log, 2));
    expect(await run(log, incarnation)).toEqual([1, 1]);
  });

  test("is above all that earlier lives left on the log, once the state is lost", async () => {
    const log = await createLog();
    await send(log, request(log, 1));
    await run(log, incarnation);
    // Another log has the outputs and inputs, but no changelog.
    const lost = await createLog();
    await send(
      lost,
      request(lost, 2),
      outgoing(lost, "carm.forecasts", output("lab", startAt, [7])),
      outgoing(lost, "carm.forecasts", output("lab", startAt, [3])),
    );
    expect(await run(lost, incarnation)).toEqual([7, 3, 8]);
    expect((await interleavings(lost)).map((each) => each.incarnation)).toEqual([8]);
  });
});
