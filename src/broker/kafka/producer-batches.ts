import type { TopicMessages } from "kafkajs";
import type { OutgoingRecord } from "../broker.ts";

/**
 * kafkajs makes one batch of everything that one send has for a partition, and a broker refuses a batch above
 * `message.max.bytes`, by default 1 MiB.
 */
const MAX_BATCH_BYTES = 950_000;
/** Kept low because kafkajs copies a partition's messages for each that it adds. */
const MAX_BATCH_RECORDS = 500;
/** Lengths, deltas and attributes around key, value and headers. */
const RECORD_OVERHEAD_BYTES = 64;

/** Records in as few sends as fit, in order within each partition. */
export function producerBatches(records: readonly OutgoingRecord[]): TopicMessages[][] {
  const rounds: Map<string, TopicMessages>[] = [];
  /** By partition: the round that it fills, and how full that is. */
  const filling = new Map<string, { round: number; bytes: number; count: number }>();
  for (const record of records) {
    const { topic, partition } = record;
    const place = `${topic}/${partition}`;
    const size = sizeOf(record);
    let at = filling.get(place) ?? { round: 0, bytes: 0, count: 0 };
    if (at.count > 0 && (at.bytes + size > MAX_BATCH_BYTES || at.count >= MAX_BATCH_RECORDS)) {
      at = { round: at.round + 1, bytes: 0, count: 0 };
    }
    filling.set(place, { round: at.round, bytes: at.bytes + size, count: at.count + 1 });
    rounds[at.round] ??= new Map();
    const round = rounds[at.round]!;
    const messages = round.get(topic)?.messages ?? [];
    messages.push(messageOf(record));
    round.set(topic, { topic, messages });
  }
  return rounds.map((round) => [...round.values()]);
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, header] of Object.entries(headers ?? {})) bytes += name.length + header.length + 10;
  return bytes;
}

function messageOf({
  partition,
  key,
  value,
  timestamp,
  headers,
}: OutgoingRecord): TopicMessages["messages"][number] {
  const entries = Object.entries(headers ?? {}).map(([name, header]) => [name, bufferOf(header)]);
  return {
    partition,
    key: key === null ? null : bufferOf(key),
    value: value === null ? null : bufferOf(value),
    timestamp: String(timestamp),
    headers: Object.fromEntries(entries),
  };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
