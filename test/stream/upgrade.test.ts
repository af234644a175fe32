import { describe, expect, test } from "vitest";
import { CarmError } from "../../src/records/index.ts";
import {
  createMemoryStores,
  createWorker,
  type Processor,
  type StateKind,
  type StateStores,
  type Worker,
} from "../../src/stream/index.ts";
import { createLog, type Log, outgoing, readAll, requests, startAt } from "./harness.ts";
import { output, traceProcessor } from "./trace-processor.ts";

/** A sum whose stored form carries a version; each release says what it reads and what it writes. */
function sumKind(reads: readonly number[], writes: number): StateKind<number> {
  return {
    name: "sum",
    encode: (sum) => Buffer.from(JSON.stringify(writes === 1 ? { v: 1, sum } : { v: 2, total: sum })),
    decode: (bytes) => {
      const { v, sum, total } = JSON.parse(Buffer.from(bytes).toString());
      if (!reads.includes(v)) throw new CarmError("ERR_STATE_VERSION", `version ${v} is not among ${reads}`);
      return v === 1 ? sum : total;
    },
  };
}

const releases = {
  old: sumKind([1], 1),
  /** Reads the new format, and writes the old one as long as others may need it. */
  between: sumKind([1, 2], 1),
  new: sumKind([1, 2], 2),
};

function join(log: Log, release: keyof typeof releases, stores: StateStores = createMemoryStores()) {
  const kind = releases[release];
  const step: Processor["step"] = (state, record) => {
    if (record.topic !== "carm.request-rate") return [];
    const sum = (state.get(kind, record.cluster, "") ?? 0) + record.value.arrivals;
    state.put(kind, record.cluster, "", sum);
    return [{ topic: "carm.forecasts", value: output(record.cluster, record.appendedAt, [sum]) }];
  };
  const processor = traceProcessor({ step, stateKinds: [kind as never] });
  const { broker, codec } = log;
  const limits = { maxCommitsPerFlush: 1, taskRestartDelayMs: 0 };
  return createWorker({ broker, codec, processor, stores, logIdentity: "x", limits });
}

const clusters = ["lab", "edge", "hall-7", "north"];

async function send(log: Log, arrivals: number): Promise<void> {
  const producer = await log.broker.producer();
  await producer.send(
    clusters.map((cluster) => outgoing(log, "carm.request-rate", requests(cluster, startAt, arrivals))),
  );
  await producer.close();
}

/** The sums of one cluster, in order. */
async function sums(log: Log, cluster: string): Promise<number[]> {
  const { partition } = outgoing(log, "carm.request-rate", requests(cluster, startAt, 0));
  const records = await readAll(log.broker, "carm.forecasts", partition);
  const values = records.map(({ value }) => log.codec.decode("carm.forecasts", value!));
  return values.filter((value) => value.cluster === cluster).map(({ values }) => values[0]![0]!);
}

async function settle(...workers: Worker[]): Promise<void> {
  for (let i = 0; i < 3; i++) for (const worker of workers) await worker.runUntilIdle();
}

describe("releases with another state format in one group", () => {
  test("hand partitions over in both directions while the newer writes what the older reads", async () => {
    const log = await createLog(4);
    const folders = { old: createMemoryStores(), between: createMemoryStores() };
    const old = await join(log, "old", folders.old);
    await send(log, 1);
    await settle(old);
    const between = await join(log, "between", folders.between);
    await send(log, 2);
    await settle(old, between);
    expect(between.running.length).toBe(2);
    await between.close();
    await send(log, 4);
    await settle(old);
    const last = await join(log, "new");
    await send(log, 8);
    await old.close();
    await settle(last);
    for (const cluster of clusters) expect(await sums(log, cluster)).toEqual([1, 3, 7, 15]);
  });

  test("an older one that meets newer state stops and says why; nothing is lost or done twice", async () => {
    const log = await createLog(4);
    const newer = await join(log, "new");
    await send(log, 1);
    await settle(newer);
    await newer.close();
    const older = await join(log, "old");
    await send(log, 2);
    await expect(settle(older)).rejects.toMatchObject({ code: "ERR_STATE_VERSION" });
    await older.close().catch(() => {});
    const again = await join(log, "new");
    await settle(again);
    for (const cluster of clusters) expect(await sums(log, cluster)).toEqual([1, 3]);
    const letters = await Promise.all([0, 1, 2, 3].map((i) => readAll(log.broker, "carm.dead-letters", i)));
    expect(letters.flat()).toEqual([]);
  });
});
