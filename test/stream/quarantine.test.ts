import { describe, expect, test } from "vitest";
import type { OutgoingRecord } from "../../src/broker/index.ts";
import {
  createMemoryStores,
  createWorker,
  type Processor,
  resumeHeader,
  type State,
  type StateKind,
  type StepRecord,
} from "../../src/stream/index.ts";
import { createLog, intensity, type Log, outgoing, readAll, requests, startAt, tick } from "./harness.ts";
import { output, poison, slotKind, traceKind, traceProcessor } from "./trace-processor.ts";

const stores = () => createMemoryStores();

async function start(log: Log, overrides: Partial<Processor> = {}) {
  const { broker, codec } = log;
  const processor = traceProcessor(overrides);
  const worker = await createWorker({ broker, codec, processor, stores: stores(), logIdentity: "x" });
  const producer = await broker.producer();
  return {
    worker,
    async feed(...records: OutgoingRecord[]) {
      await producer.send(records);
      await worker.runUntilIdle();
    },
  };
}

const request = (log: Log, cluster: string, n: number, at = startAt) =>
  outgoing(log, "carm.request-rate", requests(cluster, at, n));

/** Steps and hash of each output, by cluster. */
async function outputsOf(log: Log, cluster: string) {
  const records = await readAll(log.broker, "carm.forecasts", 0);
  const values = records.map(({ value }) => log.codec.decode("carm.forecasts", value!));
  return values.filter((value) => value.cluster === cluster).map((value) => value.values[0]!);
}

async function reasons(log: Log) {
  const records = await readAll(log.broker, "carm.dead-letters", 0);
  return records.map(({ value }) => {
    const { reason, cluster } = log.codec.decode("carm.dead-letters", value!);
    return `${reason} ${cluster}`;
  });
}

describe("a step that throws", () => {
  test("quarantines its cluster; the outputs of the others are as if it had never been there", async () => {
    const [log, without] = [await createLog(), await createLog()];
    const bad = await start(log);
    const good = (to: Log) => [1, 2, 3, 4].map((n) => request(to, "good", n));
    const records = good(log);
    await bad.feed(
      request(log, "bad", 1),
      records[0]!,
      request(log, "bad", poison),
      records[1]!,
      request(log, "bad", 2),
      records[2]!,
    );
    await bad.feed(records[3]!, request(log, "bad", 3));
    expect(await reasons(log)).toEqual([
      "ERR_STEP_FAILED bad",
      "ERR_CLUSTER_QUARANTINED bad",
      "ERR_CLUSTER_QUARANTINED bad",
    ]);
    expect(bad.worker.metrics.quarantines).toBe(1);
    expect((await outputsOf(log, "bad")).length).toBe(1);
    const other = await start(without, { step: withOffsets([1, 3, 5, 6]) });
    await other.feed(...good(without));
    expect(await outputsOf(log, "good")).toEqual(await outputsOf(without, "good"));
  });

  test("leaves no trace of what it changed in place, nor of other clusters' steps run twice", async () => {
    const log = await createLog();
    const seen: number[] = [];
    const look: Processor["onQuarantine"] = (state, { cluster }) => {
      seen.push(state.get(traceKind, cluster, "")!.steps, state.range(slotKind, cluster).length);
      return [];
    };
    const { feed } = await start(log, { onQuarantine: look });
    await feed(request(log, "lab", 1), request(log, "lab", 2));
    await feed(request(log, "lab", 3), request(log, "lab", poison));
    expect(seen).toEqual([3, 3]);
  });

  test("is a dead letter whose detail fits, whatever it throws", async () => {
    const log = await createLog();
    const { feed } = await start(log, {
      step: () => {
        throw "x".repeat(2_000_000);
      },
    });
    await feed(request(log, "lab", 1));
    expect(await reasons(log)).toEqual(["ERR_STEP_FAILED lab"]);
  });

  test("has the cluster's setpoints released in the same transaction", async () => {
    const log = await createLog();
    const { feed } = await start(log, {
      onQuarantine: (_, { cluster, appendedAt }) => [
        { topic: "carm.forecasts", value: output(cluster, appendedAt, [-1, -1]) },
      ],
    });
    await feed(request(log, "lab", 1), request(log, "lab", poison));
    expect((await outputsOf(log, "lab")).at(-1)).toEqual([-1, -1]);
  });

  test("quarantines its cluster even if the release fails too", async () => {
    const log = await createLog();
    const { feed } = await start(log, {
      onQuarantine: () => {
        throw new Error("no way out");
      },
    });
    await feed(request(log, "lab", poison), request(log, "lab", 1), request(log, "other", 1));
    expect(await reasons(log)).toEqual(["ERR_STEP_FAILED lab", "ERR_CLUSTER_QUARANTINED lab"]);
    expect((await outputsOf(log, "other")).length).toBe(1);
    const [letter] = await readAll(log.broker, "carm.dead-letters", 0);
    expect(log.codec.decode("carm.dead-letters", letter!.value!).detail).toMatch(/poison.*no way out/);
  });

  test("on a tick hits only the cluster at fault", async () => {
    const log = await createLog();
    const plain = traceProcessor().step;
    const { feed } = await start(log, {
      step: (state, record) => {
        if (record.topic === "carm.ticks" && record.cluster === "b") throw new Error("tick");
        return plain(state, record);
      },
    });
    const clusters = ["a", "b", "c"];
    await feed(
      ...clusters.map((cluster) => request(log, cluster, 1)),
      tick(log, startAt + 1, 0),
      tick(log, startAt + 2, 0),
    );
    const counts = await Promise.all(clusters.map(async (cluster) => (await outputsOf(log, cluster)).length));
    expect(counts).toEqual([3, 1, 3]);
    expect(await reasons(log)).toEqual(["ERR_STEP_FAILED b"]);
  });

  test.each([
    ["emits for another cluster", () => [{ topic: "carm.forecasts", value: output("other", startAt, [1]) }]],
    ["emits what no schema allows", () => [{ topic: "carm.forecasts", value: { cluster: "lab" } }]],
    ["emits what can't be true", () => [{ topic: "carm.forecasts", value: output("lab", Number.NaN, [1]) }]],
    ["reads another cluster's state", (state: State) => [state.get(traceKind, "other", "")]],
    ["leaves state that can't be encoded", (state: State) => [state.put(cyclicKind, "lab", "", 1)].slice(1)],
  ])("or that %s, is a failed step", async (_, step) => {
    const log = await createLog();
    const plain = traceProcessor();
    const spoilt = (state: State, record: StepRecord) =>
      record.cluster === "lab" ? (step(state) as never) : plain.step(state, record);
    const { feed } = await start(log, {
      step: spoilt,
      stateKinds: [...plain.stateKinds, cyclicKind as never],
    });
    await feed(request(log, "good", 1), request(log, "lab", 1), request(log, "good", 2));
    expect(await reasons(log)).toEqual(["ERR_STEP_FAILED lab"]);
    expect((await outputsOf(log, "good")).length).toBe(2);
  });
});

describe("a quarantine", () => {
  test("outlives the worker and ends with a record that says so, with the state as it was", async () => {
    const log = await createLog();
    const first = await start(log);
    await first.feed(request(log, "lab", 1), request(log, "lab", poison));
    await first.worker.close();
    const second = await start(log);
    await second.feed(request(log, "lab", 2));
    expect((await reasons(log)).at(-1)).toBe("ERR_CLUSTER_QUARANTINED lab");
    const resume = outgoing(log, "carm.grid-intensity", intensity("lab", startAt, 5));
    await second.feed({ ...resume, headers: { [resumeHeader]: Buffer.of() } }, request(log, "lab", 4));
    const steps = (await outputsOf(log, "lab")).map(([count]) => count);
    expect(steps).toEqual([1, 2, 3]);
  });
});

const cyclicKind: StateKind<number> = {
  name: "cyclic",
  encode: () => {
    throw new Error("cyclic");
  },
  decode: () => 0,
};

/** The trace's step, told that its records have these offsets. */
function withOffsets(offsets: number[]): Processor["step"] {
  const { step } = traceProcessor();
  return (state, record) => step(state, { ...record, offset: offsets.shift()! });
}
