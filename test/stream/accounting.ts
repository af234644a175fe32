import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Broker, OutgoingRecord } from "../../src/broker/index.ts";
import { readToEnd } from "../../src/broker/index.ts";
import { decodeLearning, partitionOf, type RecordCodec } from "../../src/records/index.ts";
import {
  createMemoryStores,
  createWorker,
  type Processor,
  type StateKind,
  type StreamMetrics,
} from "../../src/stream/index.ts";
import { type Random, seeded } from "./crash/random.ts";
import { requests } from "./harness.ts";

const topic = "carm.request-rate";
const clusters = 50;
/** Every so many records one is bad. */
const badEvery = 10;
/** The largest are few: each has nearly a megabyte. */
const oversizedEvery = 20_000;
const batch = 5_000;

interface Count {
  records: number;
  /** Of their numbers. */
  sum: number;
}

/** Counts what was taken, cluster by cluster. */
const countKind: StateKind<Count> = {
  name: "count",
  encode: (count) => Buffer.from(JSON.stringify(count)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Count,
};

const counting: Processor = {
  name: "counting",
  inputs: [topic],
  stateKinds: [countKind as StateKind<never>],
  step(state, { cluster, value }) {
    const count = state.get(countKind, cluster, "") ?? { records: 0, sum: 0 };
    count.records += 1;
    count.sum += (value as { arrivals: number }).arrivals;
    state.put(countKind, cluster, "", count);
    return [];
  },
};

export interface Account {
  readonly sent: number;
  readonly processed: number;
  readonly rerouted: number;
  readonly deadLettersByReason: Readonly<Record<string, number>>;
}

/**
 * Sends records, a tenth of them malformed, cut short, of an unknown schema, impossible, too large or on a wrong
 * partition, lets two workers process them, and throws unless every one is accounted for: counted once on its own
 * partition, or a dead letter once with its own reason.
 */
export async function account(
  { broker, codec }: { broker: Broker; codec: RecordCodec },
  records: number,
  onProgress: (text: string) => void = () => {},
): Promise<Account> {
  const sent = await send(broker, codec, records, onProgress);
  const metrics = await work(broker, codec, records + sent.misplaced, onProgress);
  const partitions = await broker.partitionCount(topic);
  const counts = { records: 0, sum: 0 };
  const letters = new Map<string, string[]>();
  for (let partition = 0; partition < partitions; partition++) {
    for (const { records, sum } of (await finalCounts(broker, partition)).values()) {
      counts.records += records;
      counts.sum += sum;
    }
    for await (const { value } of readToEnd(broker, { topic: "carm.dead-letters", partition })) {
      const letter = await decodeLearning(codec, "carm.dead-letters", value!);
      // The bytes of what is too large stay on the input, its key with them.
      const id = letter.key === null ? "too large" : Buffer.from(letter.key).toString();
      letters.set(id, [...(letters.get(id) ?? []), letter.reason]);
    }
  }
  assert.deepEqual(counts, sent.good);
  const oversized = letters.get("too large") ?? [];
  letters.delete("too large");
  assert.deepEqual(oversized, new Array(sent.oversized).fill("ERR_LIMIT_EXCEEDED"));
  assert.equal(letters.size, sent.bad.size);
  for (const [id, reason] of sent.bad) assert.deepEqual(letters.get(id), [reason], id);
  const rerouted = metrics.reduce((sum, each) => sum + each.rerouted, 0);
  assert.equal(rerouted, sent.misplaced);
  const deadLettersByReason: Record<string, number> = {};
  for (const [reason, count] of metrics.flatMap((each) => Object.entries(each.deadLettersByReason))) {
    deadLettersByReason[reason] = (deadLettersByReason[reason] ?? 0) + count;
  }
  return { sent: records, processed: counts.records, rerouted, deadLettersByReason };
}

interface Sent {
  readonly good: Count;
  /** Reason by key. */
  readonly bad: Map<string, string>;
  oversized: number;
  misplaced: number;
}

async function send(
  broker: Broker,
  codec: RecordCodec,
  records: number,
  onProgress: (text: string) => void,
): Promise<Sent> {
  const random = seeded(1);
  const partitions = await broker.partitionCount(topic);
  const producer = await broker.producer();
  const sent: Sent = { good: { records: 0, sum: 0 }, bad: new Map(), oversized: 0, misplaced: 0 };
  for (let n = 0; n < records; ) {
    const outgoing: OutgoingRecord[] = [];
    for (const end = Math.min(records, n + batch); n < end; n++) {
      outgoing.push(makeRecord(codec, partitions, random, n, sent));
    }
    await producer.send(outgoing);
    if (n % 100_000 === 0) onProgress(`${n} of ${records} sent`);
  }
  await producer.close();
  return sent;
}

function makeRecord(
  codec: RecordCodec,
  partitions: number,
  random: Random,
  n: number,
  sent: Sent,
): OutgoingRecord {
  const cluster = `cluster-${n % clusters}`;
  const now = Date.now();
  const value = codec.encode(topic, requests(cluster, now, n));
  const home = partitionOf(cluster, partitions);
  const good = { topic, partition: home, key: Buffer.from(cluster), value, timestamp: now };
  const count = () => {
    sent.good.records += 1;
    sent.good.sum += n;
  };
  if (n % oversizedEvery === oversizedEvery - 1) {
    sent.oversized += 1;
    return { ...good, value: Buffer.alloc(950_000) };
  }
  if (n % badEvery !== badEvery - 1) {
    count();
    return good;
  }
  const bad = (reason: string, bytes: Uint8Array): OutgoingRecord => {
    const key = `bad-${n}`;
    sent.bad.set(key, reason);
    return { ...good, key: Buffer.from(key), value: bytes };
  };
  switch (random.draw(0, 4)) {
    case 0:
      return bad("ERR_RECORD_MALFORMED", Buffer.from(`garbage ${n}`));
    case 1:
      return bad("ERR_RECORD_MALFORMED", value.subarray(0, -random.draw(1, 20)));
    case 2:
      return bad("ERR_RECORD_SCHEMA_UNKNOWN", Buffer.from([0, 0x7f, 0, 0, random.draw(0, 3), 1, 2, 3]));
    case 3:
      return bad("ERR_RECORD_INVALID", codec.encode(topic, requests(cluster, now, -n)));
    default:
      if (partitions === 1) break;
      sent.misplaced += 1;
      count();
      return { ...good, partition: (home + random.draw(1, partitions - 1)) % partitions };
  }
  count();
  return good;
}

/** Two workers share the partitions until all is taken. */
async function work(
  broker: Broker,
  codec: RecordCodec,
  expected: number,
  onProgress: (text: string) => void,
): Promise<StreamMetrics[]> {
  const join = () => {
    const stores = createMemoryStores();
    return createWorker({ broker, codec, processor: counting, stores, logIdentity: "accounting" });
  };
  const workers = [await join(), await join()];
  let taken = 0;
  let reported = 0;
  while (taken < expected) {
    const rounds = await Promise.all(workers.map((worker) => worker.runOnce(100)));
    taken += rounds.reduce((sum, each) => sum + each, 0);
    if (taken - reported < 100_000) continue;
    reported = taken;
    onProgress(`${taken} of ${expected} processed`);
  }
  for (const worker of workers) await worker.close();
  return workers.map(({ metrics }) => metrics);
}

async function finalCounts(broker: Broker, partition: number): Promise<Map<string, Count>> {
  const own = Buffer.from(countKind.name);
  const counts = new Map<string, Count>();
  for await (const { key, value } of readToEnd(broker, { topic: "carm.changelog", partition })) {
    const stored = Buffer.from(key!);
    if (stored.includes(own) && value !== null) counts.set(stored.toString("hex"), countKind.decode(value));
  }
  return counts;
}
