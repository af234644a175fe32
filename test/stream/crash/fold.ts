import assert from "node:assert/strict";
import type { IncomingRecord } from "../../../src/broker/index.ts";
import type { Interleaving } from "../../../src/records/index.ts";
import type { State, StateKind, StepRecord } from "../../../src/stream/index.ts";
import { replayInterleaving, type Taken } from "../../../src/stream/merge.ts";
import { stateKey, stateKeyPrefix } from "../../../src/stream/state-key.ts";
import { type Log, readAll } from "../harness.ts";
import { inputs, slotKind, traceKind, traceProcessor } from "../trace-processor.ts";

/** The plainest state there can be: values in a map, encoded at once. */
class PlainState implements State {
  readonly bytes = new Map<string, Buffer>();

  get<T>(kind: StateKind<T>, cluster: string, id: string): T | undefined {
    const found = this.bytes.get(name(kind, cluster, id));
    return found && kind.decode(found);
  }

  put<T>(kind: StateKind<T>, cluster: string, id: string, value: T): void {
    this.bytes.set(name(kind, cluster, id), Buffer.from(kind.encode(value)));
  }

  delete<T>(kind: StateKind<T>, cluster: string, id: string): void {
    this.bytes.delete(name(kind, cluster, id));
  }

  range<T>(kind: StateKind<T>, cluster: string): (readonly [string, T])[] {
    const prefix = stateKeyPrefix(cluster, kind.name).toString("hex");
    return [...this.bytes]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, bytes]) => [Buffer.from(key.slice(prefix.length), "hex").toString(), kind.decode(bytes)]);
  }
}

function name(kind: StateKind<never> | StateKind<unknown>, cluster: string, id: string): string {
  return stateKey(stateKeyPrefix(cluster, kind.name), id).toString("hex");
}

/** A record with what its transaction says of it. */
export type TakenRecord = Taken & Pick<Interleaving, "decidesFrom" | "incarnation">;

/** What a partition's state and outputs come to if its records are taken one after the other, with nothing around it. */
export function fold(log: Log, taken: readonly TakenRecord[]) {
  const processor = traceProcessor();
  const state = new PlainState();
  const clusters = new Set<string>();
  const outputs: string[] = [];
  for (const { rank, record, decidesFrom, incarnation } of taken) {
    const topic = inputs[rank]!;
    const value = log.codec.decode(topic, record.value!);
    if (topic !== "carm.ticks") clusters.add(value.cluster);
    for (const cluster of topic === "carm.ticks" ? [...clusters].sort() : [value.cluster]) {
      const { partition, offset, timestamp: appendedAt } = record;
      const isBehind = appendedAt < decidesFrom;
      const place = { partition, offset, appendedAt, isBehind, incarnation };
      const step = { topic, cluster, value, ...place } as StepRecord;
      for (const output of processor.step(state, step)) {
        if ("value" in output) outputs.push(hex(log.codec.encode(output.topic, output.value)));
      }
    }
  }
  return { outputs, state: new Map([...state.bytes].map(([key, bytes]) => [key, hex(bytes)])) };
}

/** The input of a partition in the order that its transactions say they took it. Each record must be there once. */
export async function committedInput(log: Log, partition: number): Promise<TakenRecord[]> {
  const records = await Promise.all(inputs.map((topic) => readAll(log.broker, topic, partition)));
  const interleavings = await readAll(log.broker, "carm.interleavings", partition);
  const taken = interleavings.flatMap(({ value }) => {
    const interleaving = log.codec.decode("carm.interleavings", value!);
    const { decidesFrom, incarnation } = interleaving;
    return replayInterleaving(interleaving, records).map((each) => ({ ...each, decidesFrom, incarnation }));
  });
  for (const [rank, expected] of records.entries()) {
    const offsets = taken.filter((each) => each.rank === rank).map(({ record }) => record.offset);
    assert.deepEqual(
      offsets,
      expected.map(({ offset }) => offset),
    );
  }
  return taken;
}

/** The latest value of each key. */
export function materializeAll(
  changelog: readonly Pick<IncomingRecord, "key" | "value">[],
): Map<string, string> {
  const state = new Map<string, string>();
  for (const { key, value } of changelog) {
    if (value === null) state.delete(hex(key!));
    else state.set(hex(key!), hex(value));
  }
  return state;
}

/** The same for the processor's own kinds. */
export function materialize(
  changelog: readonly Pick<IncomingRecord, "key" | "value">[],
): Map<string, string> {
  const own = [traceKind.name, slotKind.name].map((kind) => Buffer.from(kind).toString("hex"));
  const isOwn = (key: string) => {
    const kindAt = 6 + 2 * Number.parseInt(key.slice(0, 4), 16);
    return own.some((kind) => key.startsWith(kind, kindAt));
  };
  return new Map([...materializeAll(changelog)].filter(([key]) => isOwn(key)));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Outputs, state and input of a partition agree with a single-threaded fold. Returns the number of records taken. */
export async function expectFold(log: Log, partition: number): Promise<number> {
  const taken = await committedInput(log, partition);
  const expected = fold(log, taken);
  const outputs = await readAll(log.broker, "carm.forecasts", partition);
  assert.deepEqual(
    outputs.map(({ value }) => hex(value!)),
    expected.outputs,
  );
  const changelog = await readAll(log.broker, "carm.changelog", partition);
  assert.deepEqual(materialize(changelog), expected.state);
  return taken.length;
}
