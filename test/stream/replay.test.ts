import { describe, expect, test } from "vitest";
import type { OutgoingRecord } from "../../src/broker/index.ts";
import { readHistory } from "../../src/client/index.ts";
import {
  createMemoryStores,
  createWorker,
  deadLetterContent,
  type Processor,
  replayDeadLetters,
  replayedHeader,
  reroutedHeader,
  resumeCluster,
} from "../../src/stream/index.ts";
import { createLog, type Log, outgoing, readAll, requests, startAt } from "./harness.ts";
import { inputs, output, poison, traceProcessor } from "./trace-processor.ts";

const hourMs = 3_600_000;

/** A worker that fails on poison until it is cured. */
async function start(log: Log, stores = createMemoryStores()) {
  let isCured = false;
  const step: Processor["step"] = (_, record) => {
    if (record.topic !== "carm.request-rate") return [];
    if (record.value.arrivals === poison && !isCured) throw new Error("poison");
    const value = output(record.cluster, record.appendedAt, [record.value.arrivals]);
    return [{ topic: "carm.forecasts", value }];
  };
  const processor = traceProcessor({ inputs: ["carm.clusters", "carm.policies", ...inputs], step });
  const { broker, codec } = log;
  const worker = await createWorker({ broker, codec, processor, stores, logIdentity: "x" });
  const producer = await broker.producer();
  return {
    worker,
    processor,
    cure: () => {
      isCured = true;
    },
    async feed(...records: OutgoingRecord[]) {
      await producer.send(records);
      await worker.runUntilIdle();
    },
  };
}

const request = (log: Log, n: number, at = startAt) =>
  outgoing(log, "carm.request-rate", requests("lab", at, n));

/** The numbers that were processed, in order. */
async function taken(log: Log): Promise<number[]> {
  const { partition } = request(log, 0);
  const records = await readAll(log.broker, "carm.forecasts", partition);
  return records.map(({ value }) => log.codec.decode("carm.forecasts", value!).values[0]![0]!);
}

const lab = (log: Log) =>
  outgoing(log, "carm.clusters", {
    cluster: "lab",
    observedAt: startAt,
    zone: "DE",
    timeZone: "Europe/Berlin",
    pue: 1.2,
    signal: "average",
    pools: [{ name: "all", purpose: "shared", gpuModel: "A100", gpus: 8 }],
    powerCapWatts: null,
  });

function lettersOf({ broker, codec }: Log) {
  return readHistory("carm.dead-letters", { broker, codec });
}

describe("a dead letter", () => {
  test("says what it holds, or why that can't be read", async () => {
    const log = await createLog(2);
    const { feed } = await start(log);
    const good = request(log, 7);
    await feed(
      { ...good, value: Buffer.from("garbage") },
      { ...good, timestamp: startAt + 2 * hourMs },
      { ...good, key: Buffer.alloc(1_000_000) },
    );
    const letters = await lettersOf(log);
    const contents = await Promise.all(letters.map(({ value }) => deadLetterContent(log.codec, value)));
    expect(letters.map(({ value }) => value.reason)).toEqual([
      "ERR_RECORD_MALFORMED",
      "ERR_RECORD_CLOCK_SKEW",
      "ERR_LIMIT_EXCEEDED",
    ]);
    expect(contents).toMatchObject([
      { value: null, problem: expect.stringContaining("first byte") },
      { value: { cluster: "lab", arrivals: 7 } },
      { value: null, problem: "Its bytes were not kept." },
    ]);
  });

  test("is replayed with its key, bytes and headers, and is not refused for its age again", async () => {
    const log = await createLog(2);
    const { feed, worker } = await start(log);
    const late = { ...request(log, 7), timestamp: startAt + 2 * hourMs };
    await feed({ ...late, headers: { trace: Buffer.from("abc") } });
    expect(await taken(log)).toEqual([]);
    await replayDeadLetters(log.broker, await lettersOf(log));
    await worker.runUntilIdle();
    expect(await taken(log)).toEqual([7]);
    const [, again] = await readAll(log.broker, late.topic, late.partition);
    expect(again).toMatchObject({ key: late.key, value: late.value });
    const headers = Object.entries(again!.headers!).map(([name, value]) => [name, String(value)]);
    expect(headers).toEqual([
      ["trace", "abc"],
      [replayedHeader, `${late.partition}:0`],
    ]);
  });

  test("that missed its partition twice is replayed on the right one", async () => {
    const log = await createLog(4);
    const { feed, worker } = await start(log);
    const record = request(log, 7);
    const headers = { [reroutedHeader]: Buffer.from("0:0") };
    await feed({ ...record, partition: (record.partition + 1) % 4, headers });
    await replayDeadLetters(log.broker, await lettersOf(log));
    await worker.runUntilIdle();
    expect(await taken(log)).toEqual([7]);
  });

  test("whose bytes were not kept is refused by name, and nothing is sent", async () => {
    const log = await createLog();
    const { feed, worker } = await start(log);
    await feed(
      { ...request(log, 1), value: Buffer.from("garbage") },
      { ...request(log, 2), key: Buffer.alloc(1_000_000) },
    );
    await expect(replayDeadLetters(log.broker, await lettersOf(log))).rejects.toMatchObject({
      code: "ERR_OPTION_INVALID",
      message: expect.stringContaining("0:1"),
    });
    await worker.runUntilIdle();
    expect((await readAll(log.broker, "carm.request-rate", 0)).length).toBe(2);
    expect(await taken(log)).toEqual([]);
  });
});

describe("a quarantined cluster", () => {
  test("is resumed by its own settings put on the log again, and what waited is replayed", async () => {
    const log = await createLog(2);
    const stores = createMemoryStores();
    const first = await start(log, stores);
    await first.feed(lab(log), request(log, 1), request(log, poison), request(log, 2));
    expect(await taken(log)).toEqual([1]);
    await first.worker.close();

    const second = await start(log, stores);
    second.cure();
    await second.feed(request(log, 3));
    expect(await taken(log)).toEqual([1]);
    await resumeCluster(log.broker, log.codec, second.processor, "lab");
    await second.feed(request(log, 4));
    expect(await taken(log)).toEqual([1, 4]);
    await replayDeadLetters(log.broker, await lettersOf(log));
    await second.worker.runUntilIdle();
    expect(await taken(log)).toEqual([1, 4, poison, 2, 3]);
  });

  test("that nobody declared can't be resumed, and the message says why", async () => {
    const log = await createLog();
    const { processor } = await start(log);
    await expect(resumeCluster(log.broker, log.codec, processor, "lba")).rejects.toMatchObject({
      code: "ERR_OPTION_INVALID",
      message: expect.stringContaining("lba"),
    });
  });
});
