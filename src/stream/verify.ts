import { type Broker, type IncomingRecord, type OutgoingRecord, readToEnd } from "../broker/index.ts";
import {
  decodeLearning,
  type Interleaving,
  recordTopics,
  type TopicName,
  topicDeclaration,
} from "../records/index.ts";
import { type FoldOptions, foldAgain, hex } from "./fold-again.ts";
import { reroutedHeader } from "./headers.ts";
import { changelogTopic } from "./task-context.ts";

export interface Verification {
  readonly transactions: number;
  readonly inputRecords: number;
  readonly outputRecords: number;
  readonly stateEntries: number;
  /** What is not as the fold says, in words; empty if all is. */
  readonly differences: readonly string[];
}

/**
 * Folds the input of a partition again and compares what comes out with what is on the log: outputs and state, byte for
 * byte. For a partition that rests, and whose log still holds all that was ever taken: throws ERR_OPTION_INVALID
 * otherwise.
 */
export async function verifyPartition(options: FoldOptions): Promise<Verification> {
  const { broker, codec, processor, partition } = options;
  const interleavings: Interleaving[] = [];
  for await (const { value } of readToEnd(broker, { topic: "carm.interleavings", partition })) {
    interleavings.push(await decodeLearning(codec, "carm.interleavings", value!));
  }
  const inputs = await Promise.all(processor.inputs.map((topic) => readAll(broker, topic, partition)));
  const fold = await foldAgain(options, inputs, interleavings);
  const differences = [...fold.differences];
  for (const topic of recordTopics()) {
    if (topic === "carm.interleavings" || !topicDeclaration(topic).writers.includes("processor")) continue;
    if (processor.inputs.includes(topic)) continue;
    const found = await readAll(broker, topic, partition);
    differences.push(...compareOutputs(topic, fold.outputs.get(topic) ?? [], found));
  }
  differences.push(...(await missingReroutes(broker, fold.rerouted)));
  const state = latestByKey(await readAll(broker, changelogTopic, partition));
  differences.push(...compareByKey(changelogTopic, fold.state, state));
  return {
    transactions: interleavings.length,
    inputRecords: fold.inputRecords,
    outputRecords: [...fold.outputs.values()].reduce((sum, records) => sum + records.length, 0),
    stateEntries: fold.state.size,
    differences,
  };
}

function compareOutputs(
  topic: TopicName,
  expected: readonly OutgoingRecord[],
  found: readonly IncomingRecord[],
): string[] {
  if (topicDeclaration(topic).cleanup === "compact") {
    return compareByKey(topic, latestByKey(expected), latestByKey(found));
  }
  // Retention may have taken the oldest.
  const firstKept = found[0] !== undefined && found[0].offset > 0 ? expected.length - found.length : 0;
  if (expected.length - firstKept !== found.length) {
    return [`${topic} has ${found.length} records; the fold gives ${expected.length}.`];
  }
  const odd = found.findIndex((record, i) => !isSame(record, expected[firstKept + i]!));
  return odd < 0 ? [] : [`${topic} has another record at offset ${found[odd]!.offset} than the fold gives.`];
}

function compareByKey(
  topic: string,
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): string[] {
  const differences: string[] = [];
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    if (expected.get(key) === found.get(key)) continue;
    const how = !found.has(key) ? "lacks" : expected.has(key) ? "has another value for" : "has too much:";
    differences.push(`${topic} ${how} the key ${JSON.stringify(Buffer.from(key, "hex").toString())}.`);
  }
  return differences;
}

/** Each record that was sent on must be on its own partition once. */
async function missingReroutes(broker: Broker, rerouted: readonly OutgoingRecord[]): Promise<string[]> {
  const differences: string[] = [];
  const read = new Map<string, string[]>();
  for (const record of rerouted) {
    const place = `${record.topic} ${record.partition}`;
    if (!read.has(place)) {
      const found = await readAll(broker, record.topic, record.partition);
      read.set(
        place,
        found.map((each) => String(each.headers?.[reroutedHeader])),
      );
    }
    const foundAt = String(record.headers![reroutedHeader]);
    const times = read.get(place)!.filter((each) => each === foundAt).length;
    if (times !== 1) differences.push(`${place} has the record from ${foundAt} ${times} times.`);
  }
  return differences;
}

function latestByKey(records: readonly OutgoingRecord[]): Map<string, string> {
  const latest = new Map<string, string>();
  for (const { key, value } of records) {
    if (value === null) latest.delete(hex(key!));
    else latest.set(hex(key!), hex(value));
  }
  return latest;
}

function isSame(a: OutgoingRecord, b: OutgoingRecord): boolean {
  const same = (x: Uint8Array | null, y: Uint8Array | null) => (x && hex(x)) === (y && hex(y));
  return same(a.key, b.key) && same(a.value, b.value);
}

async function readAll(broker: Broker, topic: string, partition: number): Promise<IncomingRecord[]> {
  const records: IncomingRecord[] = [];
  for await (const record of readToEnd(broker, { topic, partition })) records.push(record);
  return records;
}
