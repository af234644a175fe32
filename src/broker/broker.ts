/** The port through which CA-RM reads and writes a log. Shaped by Kafka; pull, not push. */

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A position: the offset of the next record to read. Offsets may have gaps (control records, aborted or compacted records). */
export interface Position extends TopicPartition {
  readonly offset: number;
}

/** A record to be written. The partition is the caller's to choose (see records/partitioning). */
export interface OutgoingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Uint8Array | null;
  /** null is a tombstone. */
  readonly value: Uint8Array | null;
  /** Epoch milliseconds; ignored by topics with LogAppendTime. */
  readonly timestamp: number;
  readonly headers?: Readonly<Record<string, Uint8Array>>;
}

/** A record as read from the log. */
export interface IncomingRecord extends OutgoingRecord {
  readonly offset: number;
}

/** What `poll` returns: records by partition in offset order, and how far each partition has been read. */
export interface Polled {
  readonly records: readonly IncomingRecord[];
  /** The next position of every partition that moved, also where no record was visible on the way. */
  readonly positions: readonly Position[];
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: "compact" | "delete";
  /** -1 keeps records for ever. */
  readonly retentionMs: number;
  readonly timestamps: "CreateTime" | "LogAppendTime";
}

export interface Broker {
  /** Creates the topics that do not exist; leaves the others alone. */
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Number of partitions. Throws ERR_TOPIC_UNKNOWN. */
  partitionCount(topic: string): Promise<number>;
  /** Position after the last record visible to read_committed readers, for each partition in the order given. */
  endPositions(partitions: readonly TopicPartition[]): Promise<Position[]>;
  /** Committed positions of a group; partitions without one are left out. Only stable after fencing. */
  committedPositions(group: string, partitions: readonly TopicPartition[]): Promise<Position[]>;
  /** A producer outside transactions. */
  producer(): Promise<Producer>;
  /** A producer for transactions. Fences every older producer with this id and ends what it left open. */
  transactionalProducer(transactionalId: string): Promise<TransactionalProducer>;
  /** Joins a consumer group that reads `topics` with read_committed. */
  consumer(group: string, topics: readonly string[]): Promise<GroupConsumer>;
  /** Reads exactly these partitions from these positions, read_committed, without sharing a group. */
  readPartitions(from: readonly Position[]): Promise<PartitionReader>;
  close(): Promise<void>;
}

export interface Producer {
  /** Resolves once the records are on the log. */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

export interface TransactionalProducer {
  begin(): void;
  /** Adds records to the open transaction. */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  /** Adds input positions of a group to the open transaction. */
  sendPositions(group: string, positions: readonly Position[]): Promise<void>;
  /**
   * Outputs and positions take effect together, possibly some time after this resolves.
   * Throws ERR_PRODUCER_FENCED if a newer producer took over. After any error the producer must be discarded.
   */
  commit(): Promise<void>;
  abort(): Promise<void>;
  close(): Promise<void>;
}

/** Reads partitions from positions; nothing is shared with other readers. */
export interface PartitionReader {
  /** Waits up to `maxWaitMs` for something to read; may return nothing. Nothing is lost between calls. */
  poll(maxWaitMs: number): Promise<Polled>;
  /** Continues from another position and drops what was fetched before for that partition. */
  seek(position: Position): void;
  /** No records from these partitions until resumed; their positions stay. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  close(): Promise<void>;
}

/** A member of a consumer group. Partition i of all topics is always assigned to the same member. */
export interface GroupConsumer extends PartitionReader {
  /** Partition numbers owned now. Changes only inside `poll`; new ones start paused. */
  readonly assignment: ReadonlySet<number>;
}
