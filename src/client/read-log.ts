import type { Broker, IncomingRecord, TopicPartition } from "../broker/index.ts";
import {
  CarmError,
  decodeLearning,
  partitionOf,
  type RecordCodec,
  type TopicName,
  type TopicRecords,
} from "../records/index.ts";

/** A record as it lies on the log. */
export interface LogRecord<T extends TopicName> {
  readonly topic: T;
  readonly partition: number;
  readonly offset: number;
  /** The log's time of the record, epoch milliseconds. */
  readonly appendedAt: number;
  readonly value: TopicRecords[T];
}

export interface ReadOptions {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  /** One cluster alone: then only its partition is read. Unset for all clusters. */
  readonly cluster?: string | undefined;
}

export interface FollowOptions extends ReadOptions {
  /** `beginning` starts with what the log still holds, `end` (the default) with what comes next. */
  readonly from?: "beginning" | "end";
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/** Longest wait of one read, ms; records end it. */
const POLL_MS = 500;

/**
 * The latest record of each key of a compacted topic, in the order in which they came; what was deleted is left out.
 * Records that can't be read are passed over: they are the processor's to judge. Throws what the broker throws.
 */
export async function readTable<T extends TopicName>(
  topic: T,
  options: ReadOptions,
): Promise<TopicRecords[T][]> {
  const latest = new Map<string, TopicRecords[T]>();
  for await (const record of readToEnd(topic, options)) {
    const key = Buffer.from(record.key ?? []).toString("base64");
    latest.delete(key);
    const value = record.value === null ? undefined : await tryDecode(options, topic, record.value);
    if (value !== undefined) latest.set(key, value);
  }
  return [...latest.values()];
}

/** Everything that a topic holds now. Passes over what can't be read. */
export async function readHistory<T extends TopicName>(
  topic: T,
  options: ReadOptions,
): Promise<LogRecord<T>[]> {
  const history: LogRecord<T>[] = [];
  for await (const record of readToEnd(topic, options)) {
    const read = await asLogRecord(options, topic, record);
    if (read !== undefined) history.push(read);
  }
  return history;
}

/** The records of a topic as they come, until the signal. Passes over what can't be read. */
export async function* follow<T extends TopicName>(
  topic: T,
  options: FollowOptions,
): AsyncGenerator<LogRecord<T>, void> {
  const { broker, signal } = options;
  const partitions = await partitionsOf(topic, options);
  const from =
    options.from === "beginning"
      ? partitions.map((partition) => ({ ...partition, offset: 0 }))
      : await broker.endPositions(partitions);
  const reader = await broker.readPartitions(from);
  try {
    while (!signal?.aborted) {
      const { records } = await reader.poll(POLL_MS);
      for (const record of records) {
        const read = await asLogRecord(options, topic, record);
        if (read !== undefined) yield read;
      }
    }
  } finally {
    await reader.close();
  }
}

async function* readToEnd(topic: TopicName, options: ReadOptions): AsyncGenerator<IncomingRecord, void> {
  const { broker } = options;
  const ends = await broker.endPositions(await partitionsOf(topic, options));
  const behind = new Map(ends.filter(({ offset }) => offset > 0).map((end) => [end.partition, end.offset]));
  if (behind.size === 0) return;
  const from = [...behind.keys()].map((partition) => ({ topic, partition, offset: 0 }));
  const reader = await broker.readPartitions(from);
  try {
    while (behind.size > 0) {
      const { records, positions } = await reader.poll(POLL_MS);
      yield* records;
      for (const { partition, offset } of positions) {
        if (offset >= (behind.get(partition) ?? 0)) behind.delete(partition);
      }
    }
  } finally {
    await reader.close();
  }
}

async function partitionsOf(topic: TopicName, { broker, cluster }: ReadOptions): Promise<TopicPartition[]> {
  const count = await broker.partitionCount(topic);
  if (cluster !== undefined) return [{ topic, partition: partitionOf(cluster, count) }];
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }));
}

async function asLogRecord<T extends TopicName>(
  options: ReadOptions,
  topic: T,
  { partition, offset, timestamp, value: bytes }: IncomingRecord,
): Promise<LogRecord<T> | undefined> {
  const value = bytes === null ? undefined : await tryDecode(options, topic, bytes);
  return value && { topic, partition, offset, appendedAt: timestamp, value };
}

/** undefined for what can't be read and for other clusters' records. */
async function tryDecode<T extends TopicName>(
  { codec, cluster }: ReadOptions,
  topic: T,
  bytes: Uint8Array,
): Promise<TopicRecords[T] | undefined> {
  try {
    const value = await decodeLearning(codec, topic, bytes);
    return cluster === undefined || value.cluster === cluster ? value : undefined;
  } catch (error) {
    if (error instanceof CarmError) return undefined;
    throw error;
  }
}
