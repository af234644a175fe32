import type { IncomingRecord, OutgoingRecord } from "../broker/broker.ts";
import {
  CarmError,
  type Header,
  type RecordCodec,
  recordKey,
  recordLimits,
  type TopicName,
  type TopicRecords,
} from "../records/index.ts";
import { reroutedHeader } from "./headers.ts";

/** Why a record was not processed. */
export interface Rejection {
  /** An ERR_ code. */
  readonly reason: string;
  readonly detail: string;
  /** Empty if it could not be told. */
  readonly cluster: string;
}

/** Makes the records that a task writes to its own partition number of other topics. */
export class Outgoing {
  readonly #codec: RecordCodec;
  readonly #partition: number;
  readonly #maxRecordBytes: number;

  constructor(codec: RecordCodec, partition: number, maxRecordBytes: number) {
    this.#codec = codec;
    this.#partition = partition;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Throws ERR_RECORD_INVALID if the value does not fit its schema, ERR_LIMIT_EXCEEDED if it is too large. */
  encode<T extends TopicName>(topic: T, value: TopicRecords[T], timestamp: number): OutgoingRecord {
    const key = Buffer.from(recordKey(topic, value));
    const bytes = this.#codec.encode(topic, value);
    if (key.length + bytes.length > this.#maxRecordBytes) {
      const message = `A record for ${topic} has ${bytes.length} bytes; the limit is ${this.#maxRecordBytes}.`;
      throw new CarmError("ERR_LIMIT_EXCEEDED", message);
    }
    return { topic, partition: this.#partition, key, value: bytes, timestamp };
  }

  /** Removes what the topic holds under a key. */
  tombstone(topic: TopicName, key: string, timestamp: number): OutgoingRecord {
    return { topic, partition: this.#partition, key: Buffer.from(key), value: null, timestamp };
  }

  /** The record as it came, with the reason. Bytes above the limit are left where they are: on the input. */
  deadLetter(record: IncomingRecord, rejection: Rejection): OutgoingRecord {
    const fits = recordBytes(record) <= this.#maxRecordBytes;
    const { cluster, reason, detail } = rejection;
    const value = {
      cluster: cluster.length <= recordLimits.maxNameCharacters ? cluster : "",
      reason,
      detail: detail.slice(0, recordLimits.maxTextCharacters),
      observedAt: record.timestamp,
      topic: record.topic,
      partition: record.partition,
      offset: record.offset,
      key: fits ? record.key : null,
      value: fits ? record.value : null,
      headers: fits ? headerList(record) : [],
    };
    return {
      topic: "carm.dead-letters",
      partition: this.#partition,
      key: Buffer.from(recordKey("carm.dead-letters", value)),
      value: this.#codec.encode("carm.dead-letters", value),
      timestamp: record.timestamp,
    };
  }
}

function headerList({ headers }: IncomingRecord): Header[] {
  return Object.entries(headers ?? {}).map(([name, value]) => ({ name, value }));
}

/** The record again, for the partition it belongs to. */
export function reroute(record: IncomingRecord, home: number): OutgoingRecord {
  const { topic, partition, offset, key, value, timestamp, headers } = record;
  const foundAt = Buffer.from(`${partition}:${offset}`);
  return {
    topic,
    partition: home,
    key,
    value,
    timestamp,
    headers: { ...headers, [reroutedHeader]: foundAt },
  };
}

/** Bytes of key, value and headers. */
export function recordBytes({ key, value, headers }: OutgoingRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  if (headers === undefined) return bytes;
  for (const name of Object.keys(headers)) bytes += name.length + headers[name]!.length;
  return bytes;
}
