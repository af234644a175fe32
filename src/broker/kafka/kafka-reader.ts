import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "kafkajs";
import { assert, CarmError } from "../../records/index.ts";
import type { IncomingRecord, PartitionReader, Polled, Position, TopicPartition } from "../broker.ts";
import { type Cursor, fetchFrom } from "./fetch.ts";
import { isTransient, kafkaError } from "./kafka-error.ts";

/** What a fetch brought for a cursor as it was then; of no use once that has moved. */
interface Arrived {
  readonly cursor: Cursor;
  readonly version: number;
  readonly records: readonly IncomingRecord[];
  readonly next: number;
}

/** How much longer than asked for `poll` waits for a broker that is slow; what comes later is kept for the next poll. */
const SLOW_BROKER_MS = 1_000;
const RETRY_DELAY_MS = 100;

/**
 * Reads partitions from positions by fetch requests of its own, without kafkajs's consumer: that one can't be told its
 * partitions, pushes, keeps quiet about positions without records, and shows some records of aborted transactions.
 */
export class KafkaReader implements PartitionReader {
  readonly #cluster: Cluster;
  readonly #onClose: (reader: KafkaReader) => void;
  readonly #cursors = new Map<string, Cursor>();
  /** Requests under way, by broker. */
  readonly #underWay = new Map<string, Promise<void>>();
  #arrived: Arrived[] = [];
  #failure: CarmError | undefined;
  #closed = false;
  #polling = false;
  #endWait: () => void = () => {};

  constructor(cluster: Cluster, from: readonly Position[], onClose: (reader: KafkaReader) => void) {
    this.#cluster = cluster;
    this.#onClose = onClose;
    for (const position of from) this.addCursor(position, false);
  }

  async poll(maxWaitMs: number): Promise<Polled> {
    assert(!this.#polling, "a reader is polled once at a time");
    this.#polling = true;
    try {
      const deadline = performance.now() + maxWaitMs;
      for (let hasAsked = false; ; hasAsked = true) {
        this.#throwIfUnusable();
        const changed = this.refresh();
        const polled = this.#take();
        const remainingMs = deadline - performance.now();
        if (changed || polled.positions.length > 0 || (hasAsked && remainingMs <= 0)) return polled;
        await this.#ask(Math.max(0, remainingMs));
      }
    } finally {
      this.#polling = false;
    }
  }

  seek({ topic, partition, offset }: Position): void {
    const cursor = this.#cursors.get(keyOf(topic, partition));
    if (cursor === undefined) return;
    cursor.offset = offset;
    cursor.version += 1;
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, true);
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, false);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.wake();
    this.#onClose(this);
    await this.#cluster.disconnect();
    await Promise.all(this.#underWay.values());
  }

  /** Called within `poll`, before it reads; true if the caller should hear of it at once. */
  protected refresh(): boolean {
    return false;
  }

  /** Ends the wait of a `poll`. */
  protected wake(): void {
    this.#endWait();
  }

  protected fail(failure: CarmError): void {
    this.#failure ??= failure;
    this.wake();
  }

  protected addCursor({ topic, partition, offset }: Position, paused: boolean): void {
    this.#cursors.set(keyOf(topic, partition), { topic, partition, offset, paused, version: 0 });
  }

  protected removeCursor({ topic, partition }: TopicPartition): void {
    this.#cursors.delete(keyOf(topic, partition));
  }

  #throwIfUnusable(): void {
    if (this.#closed) throw new CarmError("ERR_BROKER_CLOSED", "The reader is closed.");
    if (this.#failure !== undefined) throw this.#failure;
  }

  #take(): Polled {
    const records: IncomingRecord[] = [];
    const positions: Position[] = [];
    for (const { cursor, version, records: fetched, next } of this.#arrived) {
      const { topic, partition } = cursor;
      const isCurrent = this.#cursors.get(keyOf(topic, partition)) === cursor && cursor.version === version;
      if (!isCurrent || cursor.paused) continue;
      cursor.offset = next;
      cursor.version += 1;
      for (const record of fetched) records.push(record);
      positions.push({ topic, partition, offset: next });
    }
    this.#arrived = [];
    return { records, positions };
  }

  /** Asks every broker that is not busy with a request of ours, and waits until one of them has answered. */
  async #ask(maxWaitMs: number): Promise<void> {
    for (const [broker, cursors] of this.#byBroker()) {
      if (this.#underWay.has(broker)) continue;
      const request = this.#fetch(broker, cursors, maxWaitMs).finally(() => this.#underWay.delete(broker));
      this.#underWay.set(broker, request);
    }
    const patience = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#endWait = resolve;
    });
    const waitMs = this.#underWay.size === 0 ? maxWaitMs : maxWaitMs + SLOW_BROKER_MS;
    const late = sleep(waitMs, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([...this.#underWay.values(), woken, late]);
    patience.abort();
    this.#endWait = () => {};
  }

  #byBroker(): Map<string, Cursor[]> {
    const brokers = new Map<string, Cursor[]>();
    for (const cursor of this.#cursors.values()) {
      if (cursor.paused) continue;
      const [leader] = Object.keys(this.#cluster.findLeaderForPartitions(cursor.topic, [cursor.partition]));
      // Without a leader there is nobody to ask until metadata says otherwise.
      const broker = leader ?? "none";
      brokers.set(broker, [...(brokers.get(broker) ?? []), cursor]);
    }
    return brokers;
  }

  async #fetch(broker: string, cursors: readonly Cursor[], maxWaitMs: number): Promise<void> {
    const versions = cursors.map(({ version }) => version);
    try {
      await this.#cluster.refreshMetadataIfNecessary();
      const fetched = await fetchFrom(this.#cluster, broker, cursors, maxWaitMs);
      for (const { cursor, records, next } of fetched) {
        this.#arrived.push({ cursor, version: versions[cursors.indexOf(cursor)]!, records, next });
      }
    } catch (error) {
      if (this.#closed) return;
      if (!isTransient(error)) this.fail(kafkaError("reading records", error));
      else await this.#recover();
    }
  }

  /** An outage is for the caller to sit out: nothing comes until it is over. */
  async #recover(): Promise<void> {
    await sleep(RETRY_DELAY_MS);
    if (!this.#closed) await this.#cluster.refreshMetadata().catch(() => {});
  }

  #setPaused(partitions: readonly TopicPartition[], paused: boolean): void {
    for (const { topic, partition } of partitions) {
      const cursor = this.#cursors.get(keyOf(topic, partition));
      if (cursor !== undefined) cursor.paused = paused;
    }
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
