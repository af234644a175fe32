import type { TopicName, TopicRecords } from "../../records/index.ts";

/** A record with what the log adds to it. */
export interface LogRecord {
  readonly topic: TopicName;
  readonly value: TopicRecords[TopicName];
  readonly appendedAt: number;
  readonly offset: number;
}

/** Puts the inputs of one partition into the order of the task's merge: append time, then rank of the topic, then offset. */
export class InOrder {
  readonly #ranks: ReadonlyMap<TopicName, number>;
  #records: LogRecord[] = [];
  #offset = 0;

  constructor(inputs: readonly TopicName[]) {
    this.#ranks = new Map(inputs.map((topic, rank) => [topic, rank]));
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  /** Topics that are no input are passed over. */
  add(topic: TopicName, value: TopicRecords[TopicName], appendedAt: number): void {
    if (!this.#ranks.has(topic)) return;
    this.#records.push({ topic, value, appendedAt, offset: this.#offset });
    this.#offset += 1;
  }

  takeAll(): readonly LogRecord[] {
    const records = this.#records;
    this.#records = [];
    const rank = (record: LogRecord) => this.#ranks.get(record.topic)!;
    return records.sort((a, b) => a.appendedAt - b.appendedAt || rank(a) - rank(b) || a.offset - b.offset);
  }
}
