import { Buffer } from "node:buffer";
import { CarmError } from "../../records/index.ts";
import type { IncomingRecord, OutgoingRecord, TopicSpec } from "../broker.ts";

export interface LogLimits {
  /** Cleaning starts once a partition holds this many records, and again when it has doubled since. */
  readonly cleanAfterRecords: number;
  /** Compaction keeps a tombstone for this long after it first met it, by the broker's clock: as Kafka does. */
  readonly tombstoneRetentionMs: number;
}

/** Names the transaction that a record belongs to; compared by identity. */
export type TransactionTag = object;

/**
 * One partition's records in offset order. Readers see those below the stable end, the first offset of the oldest
 * open transaction. Offsets have gaps: a marker ends every transaction, and aborted and cleaned records leave theirs.
 */
export class PartitionLog {
  readonly spec: TopicSpec;
  readonly partition: number;
  /** Called whenever the stable end has moved. */
  readonly listeners = new Set<() => void>();
  readonly #limits: LogLimits;
  /** By rising first offset, as each is added with its first record. */
  readonly #open = new Map<TransactionTag, number[]>();
  /** By offset of a tombstone that compaction has met: when it may go. */
  #tombstonesGoAt = new Map<number, number>();
  #records: IncomingRecord[] = [];
  #nextOffset = 0;
  #newestTimestamp = Number.NEGATIVE_INFINITY;
  #cleanAtRecords: number;

  constructor(spec: TopicSpec, partition: number, limits: LogLimits) {
    this.spec = spec;
    this.partition = partition;
    this.#limits = limits;
    this.#cleanAtRecords = limits.cleanAfterRecords;
  }

  /** Offset after the last one that a read_committed reader may pass. */
  get stableEnd(): number {
    for (const offsets of this.#open.values()) return offsets[0]!;
    return this.#nextOffset;
  }

  /** Records held now. */
  get size(): number {
    return this.#records.length;
  }

  /** Throws ERR_RECORD_INVALID for a record that this log can't take. */
  check(record: OutgoingRecord): void {
    if (record.key === null && this.spec.cleanup === "compact") {
      throw new CarmError("ERR_RECORD_INVALID", `${this.spec.name} is compacted: its records need a key.`);
    }
  }

  /** Adds a record, for a transaction or, with null, outside transactions. The bytes are kept, not copied. */
  append(record: OutgoingRecord, now: number, transaction: TransactionTag | null): void {
    const offset = this.#nextOffset++;
    const timestamp = this.spec.timestamps === "LogAppendTime" ? now : record.timestamp;
    this.#records.push({ ...record, timestamp, offset });
    if (timestamp > this.#newestTimestamp) this.#newestTimestamp = timestamp;
    if (transaction !== null) {
      const offsets = this.#open.get(transaction);
      if (offsets === undefined) this.#open.set(transaction, [offset]);
      else offsets.push(offset);
    }
    if (this.#records.length >= this.#cleanAtRecords) this.#clean(now);
  }

  /** Writes the marker that ends a transaction here; an aborted one's records go. */
  endTransaction(transaction: TransactionTag, committed: boolean): void {
    const offsets = this.#open.get(transaction);
    if (offsets === undefined) return;
    this.#open.delete(transaction);
    this.#nextOffset++;
    if (!committed) {
      const aborted = new Set(offsets);
      const first = this.#indexOf(offsets[0]!);
      const kept = this.#records.slice(first).filter((record) => !aborted.has(record.offset));
      this.#records.length = first;
      this.#records.push(...kept);
    }
    this.notify();
  }

  notify(): void {
    for (const listener of this.listeners) listener();
  }

  /** Adds up to `limit` visible records from offset `from` on to `into`; returns the position reached. */
  read(from: number, limit: number, into: IncomingRecord[]): number {
    const end = this.stableEnd;
    if (from >= end) return from;
    const first = this.#indexOf(from);
    const stop = Math.min(first + limit, this.#records.length);
    for (let i = first; i < stop; i++) {
      const record = this.#records[i]!;
      if (record.offset >= end) return end;
      into.push(record);
    }
    const next = this.#records[stop];
    return next === undefined ? end : Math.min(next.offset, end);
  }

  /** Index of the first record at or after an offset. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#records[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Drops what retention or compaction allows below the stable end. Costs O(1) a record, as it runs at each doubling. */
  #clean(now: number): void {
    const { cleanup, retentionMs } = this.spec;
    if (cleanup === "compact") this.#compact(now);
    else if (retentionMs >= 0) this.#dropOlderThan(this.#newestTimestamp - retentionMs);
    this.#cleanAtRecords = Math.max(this.#limits.cleanAfterRecords, 2 * this.#records.length);
  }

  #dropOlderThan(timestamp: number): void {
    const end = this.#indexOf(this.stableEnd);
    let first = 0;
    while (first < end && this.#records[first]!.timestamp < timestamp) first++;
    this.#records = this.#records.slice(first);
  }

  #compact(now: number): void {
    const end = this.#indexOf(this.stableEnd);
    const goAt = this.#tombstonesGoAt;
    this.#tombstonesGoAt = new Map();
    const seen = new Set<string>();
    const kept = this.#records.slice(end).reverse();
    for (let i = end - 1; i >= 0; i--) {
      const record = this.#records[i]!;
      const key = Buffer.from(record.key!).toString("latin1");
      if (seen.has(key)) continue;
      seen.add(key);
      if (record.value === null) {
        const mayGoAt = goAt.get(record.offset) ?? now + this.#limits.tombstoneRetentionMs;
        if (mayGoAt < now) continue;
        this.#tombstonesGoAt.set(record.offset, mayGoAt);
      }
      kept.push({ ...record, key: ownBytes(record.key), value: ownBytes(record.value) });
    }
    this.#records = kept.reverse();
  }
}

/** The bytes outside Node's shared pool, of which a few long-lived ones would keep whole 8 KiB pages alive. */
function ownBytes(bytes: Uint8Array | null): Uint8Array | null {
  if (bytes === null || bytes.buffer.byteLength === bytes.length) return bytes;
  return new Uint8Array(bytes);
}
