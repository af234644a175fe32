import { setTimeout as sleep } from "node:timers/promises";
import type { Kafka, Producer as KafkaJsProducer, Transaction } from "kafkajs";
import { CarmError } from "../../records/index.ts";
import type { OutgoingRecord, Position, TransactionalProducer } from "../broker.ts";
import { errorType, kafkaError } from "./kafka-error.ts";
import { ALL_IN_SYNC, givenPartition } from "./kafka-producer.ts";
import { producerBatches } from "./producer-batches.ts";

const NOT_YET_RETRY_MS = 10;
const NOT_YET_DEADLINE_MS = 30_000;

/**
 * kafkajs commits the positions of a group without saying which member does, so that the broker accepts them from
 * anyone. What keeps an old owner out is the transactional id alone: one per partition, taken over before anything is read.
 */
export class KafkaTransactionalProducer implements TransactionalProducer {
  readonly #producer: KafkaJsProducer;
  readonly #onClose: (producer: KafkaTransactionalProducer) => void;
  /** Begun by kafkajs before it is needed: that is what asks for the producer id, and so fences. */
  #prepared: Transaction | undefined;
  #transaction: Promise<Transaction> | undefined;
  /** After an error nobody knows what the broker did; a later request could act on another transaction. */
  #failed = false;

  private constructor(
    producer: KafkaJsProducer,
    prepared: Transaction,
    onClose: (producer: KafkaTransactionalProducer) => void,
  ) {
    this.#producer = producer;
    this.#prepared = prepared;
    this.#onClose = onClose;
  }

  static async fence(
    kafka: Kafka,
    transactionalId: string,
    transactionTimeoutMs: number,
    onClose: (producer: KafkaTransactionalProducer) => void,
  ): Promise<KafkaTransactionalProducer> {
    const producer = kafka.producer({
      transactionalId,
      transactionTimeout: transactionTimeoutMs,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: givenPartition,
    });
    try {
      await producer.connect();
      return new KafkaTransactionalProducer(producer, await producer.transaction(), onClose);
    } catch (error) {
      await producer.disconnect().catch(() => {});
      throw kafkaError(`taking over ${transactionalId}`, error);
    }
  }

  begin(): void {
    if (this.#failed || this.#transaction !== undefined) {
      throw wrongState(this.#failed ? "The producer has failed; make a new one." : "A transaction is open.");
    }
    this.#transaction =
      this.#prepared === undefined ? this.#producer.transaction() : Promise.resolve(this.#prepared);
    this.#prepared = undefined;
    // Whoever uses the transaction gets the error; nobody may.
    this.#transaction.catch(() => {});
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    await this.#within("writing records", async (transaction) => {
      for (const topicMessages of producerBatches(records)) {
        await transaction.sendBatch({ topicMessages, acks: ALL_IN_SYNC });
      }
    });
  }

  async sendPositions(group: string, positions: readonly Position[]): Promise<void> {
    const topics = [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
      topic,
      partitions: ofTopic.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
    }));
    await this.#within("writing positions", (transaction) =>
      onceReady(() => transaction.sendOffsets({ consumerGroupId: group, topics })),
    );
  }

  async commit(): Promise<void> {
    await this.#within("committing", (transaction) => transaction.commit());
    this.#transaction = undefined;
  }

  async abort(): Promise<void> {
    await this.#within("aborting", (transaction) => transaction.abort());
    this.#transaction = undefined;
  }

  async close(): Promise<void> {
    this.#failed = true;
    this.#onClose(this);
    await this.#producer.disconnect().catch(() => {});
  }

  async #within(doing: string, action: (transaction: Transaction) => Promise<unknown>): Promise<void> {
    if (this.#failed) throw wrongState("The producer has failed or is closed; make a new one.");
    if (this.#transaction === undefined) throw wrongState("No transaction is open; call begin first.");
    try {
      await action(await this.#transaction);
    } catch (error) {
      this.#failed = true;
      throw kafkaError(doing, error);
    }
  }
}

/**
 * The broker has done nothing and will do it soon: the last transaction's markers are being written, or a coordinator
 * is starting. kafkajs tries again when it writes records, but not for positions.
 */
const notYet: ReadonlySet<string | undefined> = new Set([
  "CONCURRENT_TRANSACTIONS",
  "NOT_COORDINATOR_FOR_GROUP",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "GROUP_LOAD_IN_PROGRESS",
]);

async function onceReady(action: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + NOT_YET_DEADLINE_MS;
  for (;;) {
    try {
      await action();
      return;
    } catch (error) {
      if (!notYet.has(errorType(error)) || performance.now() > deadline) throw error;
      await sleep(NOT_YET_RETRY_MS);
    }
  }
}

function wrongState(message: string): CarmError {
  return new CarmError("ERR_TRANSACTION_STATE", message);
}
