import type { IncomingRecord } from "../broker/broker.ts";
import {
  CarmError,
  checkClockSkew,
  partitionOf,
  type RecordCodec,
  type TopicName,
  type TopicRecords,
  validateRecord,
} from "../records/index.ts";
import { replayedHeader, reroutedHeader } from "./headers.ts";
import { type Rejection, recordBytes } from "./outgoing.ts";

/** What a record on the log turned out to be. */
export type Admitted =
  | { readonly fate: "step"; readonly cluster: string; readonly value: TopicRecords[TopicName] }
  | { readonly fate: "reroute"; readonly home: number }
  | { readonly fate: "reject"; readonly rejection: Rejection };

/** Decides which records are fit to be processed on this partition. Needs no state. */
export class Admission {
  readonly #codec: RecordCodec;
  readonly #partition: number;
  readonly #partitions: number;
  readonly #maxRecordBytes: number;
  /** Clusters known to belong here; hashing each record's cluster would cost more than the rest. */
  readonly #atHome = new Set<string>();

  constructor(codec: RecordCodec, partition: number, partitions: number, maxRecordBytes: number) {
    this.#codec = codec;
    this.#partition = partition;
    this.#partitions = partitions;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Null if the schema has to be learnt first. */
  admit(record: IncomingRecord): Admitted | null {
    const topic = record.topic as TopicName;
    if (record.value === null) return reject("ERR_RECORD_MALFORMED", "A record without a value is no event.");
    const bytes = recordBytes(record);
    if (bytes > this.#maxRecordBytes) {
      return reject("ERR_LIMIT_EXCEEDED", `${bytes} bytes; the limit is ${this.#maxRecordBytes}.`);
    }
    let value: TopicRecords[TopicName] | undefined;
    try {
      value = this.#codec.decode(topic, record.value);
      validateRecord(topic, value);
      const misplaced = this.#misplaced(record, topic, value);
      if (misplaced !== undefined) return misplaced;
      // What is sent again may have waited for days; the processor judges how late it is.
      if (record.headers?.[replayedHeader] === undefined) {
        checkClockSkew(topic, value.observedAt, record.timestamp);
      }
      return { fate: "step", cluster: value.cluster, value };
    } catch (error) {
      if (!(error instanceof CarmError)) throw error;
      if (error.code === "ERR_RECORD_SCHEMA_UNKNOWN") return null;
      return reject(error.code, error.message, value?.cluster);
    }
  }

  /** Learns the record's schema. Returns a rejection if there is no such schema or it is no use. */
  async learn(record: IncomingRecord): Promise<Admitted | undefined> {
    try {
      await this.#codec.learn(record.topic as TopicName, record.value!);
      return undefined;
    } catch (error) {
      // A registry that can't be asked says nothing of the record: it is tried again.
      if (!(error instanceof CarmError) || error.code !== "ERR_RECORD_SCHEMA_UNKNOWN") throw error;
      return reject(error.code, error.message);
    }
  }

  #misplaced(record: IncomingRecord, topic: TopicName, value: TopicRecords[TopicName]): Admitted | undefined {
    const { cluster } = value;
    const home =
      topic === "carm.ticks" ? (value as TopicRecords["carm.ticks"]).partition : this.#homeOf(cluster);
    if (home === this.#partition) return undefined;
    const isKnown = home >= 0 && home < this.#partitions;
    if (isKnown && record.headers?.[reroutedHeader] === undefined) return { fate: "reroute", home };
    return reject("ERR_RECORD_MISPLACED", `It belongs to partition ${home} of ${this.#partitions}.`, cluster);
  }

  #homeOf(cluster: string): number {
    if (this.#atHome.has(cluster)) return this.#partition;
    const home = partitionOf(cluster, this.#partitions);
    if (home === this.#partition && this.#atHome.size < maxRemembered) this.#atHome.add(cluster);
    return home;
  }
}

const maxRemembered = 10_000;

function reject(reason: string, detail: string, cluster = ""): Admitted {
  return { fate: "reject", rejection: { reason, detail, cluster } };
}
