import { setImmediate } from "node:timers/promises";
import { assert, CarmError } from "../../records/index.ts";
import type {
  GroupConsumer,
  IncomingRecord,
  PartitionReader,
  Polled,
  Position,
  TopicPartition,
} from "../broker.ts";
import type { ConsumerGroup, GroupMember } from "./consumer-group.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import type { PartitionLog } from "./partition-log.ts";

interface Cursor {
  readonly log: PartitionLog;
  offset: number;
  paused: boolean;
}

/** Most records that one poll takes from one partition, so that a long partition does not hold up the others. */
const POLL_RECORDS_PER_PARTITION = 500;

/** Reads partitions from positions. Nothing is fetched ahead, so `seek` has nothing to drop. */
export class EmbeddedReader implements PartitionReader {
  protected readonly log: EmbeddedLog;
  readonly #cursors = new Map<PartitionLog, Cursor>();
  #closed = false;
  #polling = false;
  /** Ends the wait of `poll`; does nothing when it does not wait. */
  readonly wake = (): void => this.#endWait();
  #endWait: () => void = () => {};

  constructor(log: EmbeddedLog, from: readonly Position[]) {
    this.log = log;
    log.waiters.add(this.wake);
    for (const position of from) this.addCursor(log.partition(position), position.offset, false);
  }

  async poll(maxWaitMs: number): Promise<Polled> {
    assert(!this.#polling, "a reader is polled once at a time");
    this.#polling = true;
    try {
      const deadline = maxWaitMs > 0 ? performance.now() + maxWaitMs : 0;
      for (;;) {
        this.#enter();
        const changed = this.refresh();
        const polled = this.#fetch();
        const remainingMs = maxWaitMs > 0 ? deadline - performance.now() : 0;
        if (changed || polled.positions.length > 0 || remainingMs <= 0) return polled;
        await this.#wait(remainingMs);
      }
    } finally {
      this.#polling = false;
    }
  }

  seek(position: Position): void {
    const cursor = this.#cursor(position);
    if (cursor === undefined) return;
    cursor.offset = position.offset;
    this.wake();
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, true);
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, false);
    this.wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.log.waiters.delete(this.wake);
    for (const log of this.#cursors.keys()) this.removeCursor(log);
    this.wake();
  }

  /** Called within `poll`, before it reads; true if the caller should hear of it at once. */
  protected refresh(): boolean {
    return false;
  }

  protected addCursor(log: PartitionLog, offset: number, paused: boolean): void {
    this.#cursors.set(log, { log, offset, paused });
    log.listeners.add(this.wake);
  }

  protected removeCursor(log: PartitionLog): void {
    this.#cursors.delete(log);
    log.listeners.delete(this.wake);
  }

  #enter(): void {
    this.log.enter();
    if (this.#closed) throw new CarmError("ERR_BROKER_CLOSED", "The reader is closed.");
  }

  #fetch(): Polled {
    const records: IncomingRecord[] = [];
    const positions: Position[] = [];
    for (const cursor of this.#cursors.values()) {
      if (cursor.paused) continue;
      const offset = cursor.log.read(cursor.offset, POLL_RECORDS_PER_PARTITION, records);
      if (offset === cursor.offset) continue;
      cursor.offset = offset;
      positions.push({ topic: cursor.log.spec.name, partition: cursor.log.partition, offset });
    }
    return { records, positions };
  }

  /** Until something changes or the time is over; while effects lag, only until other work had its turn. */
  async #wait(maxMs: number): Promise<void> {
    if (!this.log.visibility.isSettled) {
      await setImmediate();
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, maxMs);
      this.#endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endWait = () => {};
  }

  #setPaused(partitions: readonly TopicPartition[], paused: boolean): void {
    for (const partition of partitions) {
      const cursor = this.#cursor(partition);
      if (cursor !== undefined) cursor.paused = paused;
    }
  }

  /** undefined for a partition that is not read here, as one that a group has just taken away. */
  #cursor(partition: TopicPartition): Cursor | undefined {
    return this.#cursors.get(this.log.partition(partition));
  }
}

/** A member of a consumer group. What it gets starts paused at the committed position, or at the log's start. */
export class EmbeddedGroupConsumer extends EmbeddedReader implements GroupConsumer {
  readonly #group: ConsumerGroup;
  readonly #topics: readonly (readonly PartitionLog[])[];
  readonly #member: GroupMember;
  #assignment: ReadonlySet<number> = new Set();

  constructor(log: EmbeddedLog, group: string, topics: readonly string[]) {
    super(log, []);
    this.#group = log.group(group);
    this.#topics = topics.map((topic) => log.partitions(topic));
    const partitionCount = Math.max(0, ...this.#topics.map((partitions) => partitions.length));
    this.#member = { partitionCount, wake: this.wake };
    this.#group.join(this.#member);
  }

  get assignment(): ReadonlySet<number> {
    return this.#assignment;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#group.leave(this.#member);
  }

  protected override refresh(): boolean {
    const next = this.#group.assignment(this.#member);
    if (next === this.#assignment) return false;
    const before = this.#assignment;
    this.#assignment = next;
    for (const partition of before) if (!next.has(partition)) this.#drop(partition);
    for (const partition of next) if (!before.has(partition)) this.#take(partition);
    return true;
  }

  #take(partition: number): void {
    for (const partitions of this.#topics) {
      const log = partitions[partition];
      if (log !== undefined) this.addCursor(log, this.#group.committed.get(log) ?? 0, true);
    }
  }

  #drop(partition: number): void {
    for (const partitions of this.#topics) {
      const log = partitions[partition];
      if (log !== undefined) this.removeCursor(log);
    }
  }
}
