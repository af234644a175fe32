import type { TopicRecords } from "../records/index.ts";

/** Puts a record on the log; resolves once it is there. The wiring encodes it and picks key and partition. */
export type Publish = <T extends keyof TopicRecords>(topic: T, value: TopicRecords[T]) => Promise<void>;

/** Records of one topic on their way to the log, in order. They wait if the broker can't be reached. */
export class Outbox<T extends keyof TopicRecords> {
  readonly #topic: T;
  readonly #publish: Publish;
  readonly #queuedMax: number;
  #queued: TopicRecords[T][];

  constructor(topic: T, publish: Publish, queuedMax: number, unsent: readonly TopicRecords[T][] = []) {
    this.#topic = topic;
    this.#publish = publish;
    this.#queuedMax = queuedMax;
    this.#queued = [...unsent];
  }

  get queued(): readonly TopicRecords[T][] {
    return this.#queued;
  }

  add(value: TopicRecords[T]): void {
    this.#queued.push(value);
    if (this.#queued.length > this.#queuedMax) this.#queued.shift();
  }

  /** Sends what is queued. Throws what publishing throws; the unsent rest stays queued. */
  async flush(): Promise<void> {
    for (let value = this.#queued[0]; value !== undefined; value = this.#queued[0]) {
      await this.#publish(this.#topic, value);
      this.#queued.shift();
    }
  }
}
