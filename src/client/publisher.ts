import type { Broker, OutgoingRecord, Producer } from "../broker/index.ts";
import {
  partitionOf,
  type RecordCodec,
  recordKey,
  type TopicName,
  type TopicRecords,
} from "../records/index.ts";

/** Publishes typed records: encodes them, derives key and partition, and keeps their order. */
export interface Publisher {
  /** Queues a record; `timestamp` is its creation time, epoch milliseconds. */
  add<T extends TopicName>(
    topic: T,
    value: TopicRecords[T],
    timestamp: number,
    headers?: OutgoingRecord["headers"],
  ): void;
  /** Resolves once everything queued is on the log. Throws what sending throws; the records stay queued then. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface QueuedRecord {
  readonly topic: TopicName;
  /** The cluster whose partition it belongs to, or the partition itself. */
  readonly home: string | number;
  readonly record: Omit<OutgoingRecord, "partition">;
}

export async function createPublisher(broker: Broker, codec: RecordCodec): Promise<Publisher> {
  const partitions = new Map<TopicName, number>();
  return new BatchingPublisher(broker, await broker.producer(), codec, partitions);
}

class BatchingPublisher implements Publisher {
  readonly #broker: Broker;
  readonly #producer: Producer;
  readonly #codec: RecordCodec;
  readonly #partitions: Map<TopicName, number>;
  #queued: QueuedRecord[] = [];

  constructor(broker: Broker, producer: Producer, codec: RecordCodec, partitions: Map<TopicName, number>) {
    this.#broker = broker;
    this.#producer = producer;
    this.#codec = codec;
    this.#partitions = partitions;
  }

  add<T extends TopicName>(
    topic: T,
    value: TopicRecords[T],
    timestamp: number,
    headers?: OutgoingRecord["headers"],
  ): void {
    this.#queued.push({
      topic,
      // A tick is of a whole partition.
      home: "partition" in value && topic === "carm.ticks" ? value.partition : value.cluster,
      record: {
        topic,
        key: Buffer.from(recordKey(topic, value), "utf8"),
        value: this.#codec.encode(topic, value),
        timestamp,
        ...(headers === undefined ? {} : { headers }),
      },
    });
  }

  async flush(): Promise<void> {
    if (this.#queued.length === 0) return;
    const batch = this.#queued;
    this.#queued = [];
    const records: OutgoingRecord[] = [];
    try {
      for (const { topic, home, record } of batch) {
        const partition =
          typeof home === "number" ? home : partitionOf(home, await this.#partitionCount(topic));
        records.push({ ...record, partition });
      }
      await this.#producer.send(records);
    } catch (error) {
      // Sent again with the next flush; readers drop what came twice.
      this.#queued = [...batch, ...this.#queued];
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#producer.close();
  }

  async #partitionCount(topic: TopicName): Promise<number> {
    let count = this.#partitions.get(topic);
    if (count === undefined) {
      count = await this.#broker.partitionCount(topic);
      this.#partitions.set(topic, count);
    }
    return count;
  }
}
