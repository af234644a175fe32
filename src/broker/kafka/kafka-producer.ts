import type { Kafka, Producer as KafkaJsProducer } from "kafkajs";
import { CarmError } from "../../records/index.ts";
import type { OutgoingRecord, Producer } from "../broker.ts";
import { kafkaError } from "./kafka-error.ts";
import { producerBatches } from "./producer-batches.ts";

/** The partition is always given; kafkajs must not choose one by a rule of its own. */
export const givenPartition =
  () =>
  ({ message }: { message: { partition?: number } }): number =>
    message.partition!;

export const ALL_IN_SYNC = -1;

/** Sends outside transactions, one call after the other, so that the order of calls is that of the log. */
export class KafkaProducer implements Producer {
  readonly #kafka: Kafka;
  readonly #onClose: (producer: KafkaProducer) => void;
  #producer: KafkaJsProducer | undefined;
  #sending: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(kafka: Kafka, onClose: (producer: KafkaProducer) => void) {
    this.#kafka = kafka;
    this.#onClose = onClose;
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    const before = this.#sending;
    const own = before.then(() => this.#send(records));
    this.#sending = own.catch(() => {});
    return own;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#onClose(this);
    await this.#sending;
    await this.#discard();
  }

  async #send(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#closed) throw new CarmError("ERR_BROKER_CLOSED", "The producer is closed.");
    try {
      const producer = await this.#connected();
      for (const topicMessages of producerBatches(records)) {
        await producer.sendBatch({ topicMessages, acks: ALL_IN_SYNC });
      }
    } catch (error) {
      // What became of the batch is not known, and with it the sequence number that the broker expects next.
      await this.#discard();
      throw kafkaError("writing records", error);
    }
  }

  async #connected(): Promise<KafkaJsProducer> {
    if (this.#producer === undefined) {
      const producer = this.#kafka.producer({
        idempotent: true,
        allowAutoTopicCreation: false,
        createPartitioner: givenPartition,
      });
      await producer.connect();
      this.#producer = producer;
    }
    return this.#producer;
  }

  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.disconnect().catch(() => {});
  }
}
