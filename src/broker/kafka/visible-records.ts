import type { IncomingRecord } from "../broker.ts";

/** A record as kafkajs decodes it from a fetch response, control records included. */
export interface RawRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | Buffer[] | null>>;
  readonly isControlRecord: boolean;
  readonly batchContext: {
    readonly firstOffset: string;
    readonly lastOffsetDelta: number;
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** What a fetch of one partition gave. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly RawRecord[];
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
}

const ABORT_MARKER = 0;

/**
 * The committed records from `offset` on. kafkajs's own filter takes aborted transactions in the order of the response
 * and begins at most one a record, so that it shows records of aborted transactions where several overlap, and takes
 * any key of four zero bytes for an abort marker.
 */
export function visibleRecords(fetched: FetchedPartition, from: number): IncomingRecord[] {
  const { topic, partition, messages, abortedTransactions } = fetched;
  const starts = (abortedTransactions ?? [])
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
    .sort((a, b) => a.firstOffset - b.firstOffset);
  const aborted = new Set<string>();
  const records: IncomingRecord[] = [];
  let begun = 0;
  for (const message of messages) {
    const offset = Number(message.offset);
    const { producerId, inTransaction } = message.batchContext;
    while (begun < starts.length && starts[begun]!.firstOffset <= offset) {
      aborted.add(starts[begun]!.producerId);
      begun += 1;
    }
    if (message.isControlRecord) {
      // The key is a version and a type of two bytes each.
      if (message.key?.readInt16BE(2) === ABORT_MARKER) aborted.delete(producerId);
    } else if (offset >= from && !(inTransaction && aborted.has(producerId))) {
      records.push(incoming(topic, partition, offset, message));
    }
  }
  return records;
}

/** The position after everything that was fetched, visible or not. A batch may end after its last record. */
export function positionAfter(messages: readonly RawRecord[]): number | undefined {
  const batch = messages.at(-1)?.batchContext;
  return batch === undefined ? undefined : Number(batch.firstOffset) + batch.lastOffsetDelta + 1;
}

function incoming(topic: string, partition: number, offset: number, message: RawRecord): IncomingRecord {
  const { key, value, headers, timestamp } = message;
  return { topic, partition, offset, key, value, timestamp: Number(timestamp), headers: lastOfEach(headers) };
}

/** Kafka allows a header several times and without a value; the port does not. */
function lastOfEach(headers: RawRecord["headers"]): Record<string, Uint8Array> {
  const result: Record<string, Uint8Array> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last) result[name] = last;
  }
  return result;
}
