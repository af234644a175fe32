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
  add<T extends TopicName>(topic: T, value: TopicRecords[T], timestamp: number): void;
  /** Resolves once everything queued is on the log. */
  flush(): Promise<void>;
  close(): Promise<void>;
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
  #queued: { topic: TopicName; cluster: string; record: Omit<OutgoingRecord, "partition"> }[] = [];

  constructor(broker: Broker, producer: Producer, codec: RecordCodec, partitions: Map<TopicName, number>) {
    this.#broker = broker;
    this.#producer = producer;
    this.#codec = codec;
    this.#partitions = partitions;
  }

  add<T extends TopicName>(topic: T, value: TopicRecords[T], timestamp: number): void {
    this.#queued.push({
      topic,
      cluster: value.cluster,
      record: {
        topic,
        key: Buffer.from(recordKey(topic, value), "utf8"),
        value: this.#codec.encode(topic, value),
        timestamp,
      },
    });
  }

  async flush(): Promise<void> {
    if (this.#queued.length === 0) return;
    const batch = this.#queued;
    this.#queued = [];
    const records: OutgoingRecord[] = [];
    for (const { topic, cluster, record } of batch) {
      records.push({ ...record, partition: partitionOf(cluster, await this.#partitionCount(topic)) });
    }
    await this.#producer.send(records);
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
