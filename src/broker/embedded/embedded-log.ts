import { CarmError } from "../../records/index.ts";
import type { OutgoingRecord, Position, TopicPartition, TopicSpec } from "../broker.ts";
import { ConsumerGroup } from "./consumer-group.ts";
import { type LogLimits, PartitionLog } from "./partition-log.ts";
import { Visibility, type VisibilityLag } from "./visibility.ts";

export interface EmbeddedLogOptions extends LogLimits {
  readonly now: () => number;
  readonly visibilityLag: VisibilityLag;
}

/** What the parts of the embedded broker share: topics, groups, and whose turn it is with a transactional id. */
export class EmbeddedLog {
  readonly visibility: Visibility;
  /** Wakes every reader that waits. */
  readonly waiters = new Set<() => void>();
  /** The latest producer of each transactional id; an older one is fenced. */
  readonly producers = new Map<string, { abandon(): void }>();
  readonly #options: EmbeddedLogOptions;
  readonly #topics = new Map<string, readonly PartitionLog[]>();
  readonly #groups = new Map<string, ConsumerGroup>();
  #closed = false;

  constructor(options: EmbeddedLogOptions) {
    this.#options = options;
    this.visibility = new Visibility(options.visibilityLag);
  }

  /** To be called first by every call of the port: throws ERR_BROKER_CLOSED, and lets lagging effects come closer. */
  enter(): void {
    if (this.#closed) throw new CarmError("ERR_BROKER_CLOSED", "The embedded broker is closed.");
    this.visibility.countCall();
  }

  createTopic(spec: TopicSpec): void {
    if (this.#topics.has(spec.name)) return;
    const logs = Array.from({ length: spec.partitions }, (_, i) => new PartitionLog(spec, i, this.#options));
    this.#topics.set(spec.name, logs);
  }

  /** All partitions of a topic. Throws ERR_TOPIC_UNKNOWN. */
  partitions(topic: string): readonly PartitionLog[] {
    const logs = this.#topics.get(topic);
    if (logs === undefined)
      throw new CarmError("ERR_TOPIC_UNKNOWN", `There is no topic ${topic}; create it first.`);
    return logs;
  }

  /** One partition. Throws ERR_TOPIC_UNKNOWN. */
  partition({ topic, partition }: TopicPartition): PartitionLog {
    const log = this.partitions(topic)[partition];
    if (log === undefined)
      throw new CarmError("ERR_TOPIC_UNKNOWN", `${topic} has no partition ${partition}.`);
    return log;
  }

  group(name: string): ConsumerGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new ConsumerGroup();
      this.#groups.set(name, group);
    }
    return group;
  }

  /** Appends all records or, if one can't be appended, none; returns the partitions they went to. */
  append(records: readonly OutgoingRecord[], transaction: object | null): Set<PartitionLog> {
    const logs = records.map((record) => {
      const log = this.partition(record);
      log.check(record);
      return log;
    });
    const now = this.#options.now();
    for (let i = 0; i < records.length; i++) logs[i]!.append(records[i]!, now, transaction);
    return new Set(logs);
  }

  commitPositions(group: string, positions: readonly Position[]): void {
    for (const position of positions)
      this.group(group).committed.set(this.partition(position), position.offset);
  }

  close(): void {
    this.#closed = true;
    this.wakeAll();
  }

  wakeAll(): void {
    for (const wake of this.waiters) wake();
  }
}
