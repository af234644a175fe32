import type { Cluster, Kafka } from "kafkajs";
import type { GroupConsumer } from "../broker.ts";
import { GroupMembership } from "./group-membership.ts";
import { kafkaError } from "./kafka-error.ts";
import { KafkaReader } from "./kafka-reader.ts";

export interface GroupConsumerOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
}

/** A member of a consumer group: the group says which partitions, the reader reads them. */
export class KafkaGroupConsumer extends KafkaReader implements GroupConsumer {
  readonly #topics: readonly { readonly topic: string; readonly partitions: number }[];
  readonly #membership: GroupMembership;
  #assignment: ReadonlySet<number> = new Set();
  /** What the group said last; takes effect in `poll`. */
  #next: ReadonlySet<number> = this.#assignment;

  private constructor(
    cluster: Cluster,
    kafka: Kafka,
    { group, topics, sessionTimeoutMs }: GroupConsumerOptions,
    onClose: (reader: KafkaReader) => void,
  ) {
    super(cluster, [], onClose);
    this.#topics = topics.map((topic) => {
      return { topic, partitions: cluster.findTopicPartitionMetadata(topic).length };
    });
    this.#membership = new GroupMembership(kafka, {
      group,
      topics,
      sessionTimeoutMs,
      onAssignment: (partitions) => {
        this.#next = partitions;
        this.wake();
      },
      onCrash: (error) => this.fail(kafkaError(`being a member of group ${group}`, error)),
    });
  }

  static async join(
    cluster: Cluster,
    kafka: Kafka,
    options: GroupConsumerOptions,
    onClose: (reader: KafkaReader) => void,
  ): Promise<KafkaGroupConsumer> {
    const consumer = new KafkaGroupConsumer(cluster, kafka, options, onClose);
    await consumer.#membership.join();
    return consumer;
  }

  get assignment(): ReadonlySet<number> {
    return this.#assignment;
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#membership.leave()]);
  }

  /** A new partition has no position of its own: it is paused until its owner has sought and resumed it. */
  protected override refresh(): boolean {
    const [before, next] = [this.#assignment, this.#next];
    const lost = [...before].filter((partition) => !next.has(partition));
    const gained = [...next].filter((partition) => !before.has(partition));
    if (lost.length === 0 && gained.length === 0) return false;
    this.#assignment = next;
    for (const { topic, partitions } of this.#topics) {
      for (const partition of lost) this.removeCursor({ topic, partition });
      for (const partition of gained) {
        if (partition < partitions) this.addCursor({ topic, partition, offset: 0 }, true);
      }
    }
    return true;
  }
}
