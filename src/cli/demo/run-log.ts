import type { Broker, PartitionReader } from "../../broker/index.ts";
import { partitionOf, type RecordCodec, type TopicName } from "../../records/index.ts";
import { type Measurements, measuredTopics } from "./measurements.ts";

/** Reads the log of one run into its measurements. */
export class RunLog {
  readonly #codec: RecordCodec;
  readonly #reader: PartitionReader;
  readonly #measurements: Measurements;

  private constructor(codec: RecordCodec, reader: PartitionReader, measurements: Measurements) {
    this.#codec = codec;
    this.#reader = reader;
    this.#measurements = measurements;
  }

  /** From the log's beginning on, for one cluster. */
  static async follow(
    broker: Broker,
    codec: RecordCodec,
    cluster: string,
    measurements: Measurements,
  ): Promise<RunLog> {
    const from = await Promise.all(
      measuredTopics.map(async (topic) => {
        const partition = partitionOf(cluster, await broker.partitionCount(topic));
        return { topic, partition, offset: 0 };
      }),
    );
    return new RunLog(codec, await broker.readPartitions(from), measurements);
  }

  /** Takes in everything that is on the log now. */
  async readOn(): Promise<void> {
    for (;;) {
      const { records } = await this.#reader.poll(0);
      if (records.length === 0) return;
      for (const { topic, value } of records) {
        if (value === null) continue;
        const name = topic as TopicName;
        this.#measurements.take(name, this.#codec.decode(name, value));
      }
    }
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }
}
