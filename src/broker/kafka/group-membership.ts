import type { Consumer, Kafka } from "kafkajs";
import { coPartitionedAssigner } from "./co-partitioned-assigner.ts";

export interface MembershipOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  /** The group has given this member other partitions, or the same again. */
  readonly onAssignment: (partitions: ReadonlySet<number>) => void;
  /** The member has left the group for good. */
  readonly onCrash: (error: Error) => void;
}

const HEARTBEATS_PER_SESSION = 6;
const IDLE_MS = 200;

/**
 * A member of a consumer group, by a kafkajs consumer that never reads: all its partitions stay paused, and it only
 * joins, sends heartbeats and joins again. There is no word before a rebalance takes partitions away: who goes on with
 * them is fenced by whoever gets them.
 */
export class GroupMembership {
  readonly #consumer: Consumer;
  readonly #options: MembershipOptions;
  #owned: ReadonlySet<number> = new Set();
  #generation = 0;

  constructor(kafka: Kafka, options: MembershipOptions) {
    this.#options = options;
    const { group, sessionTimeoutMs } = options;
    this.#consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(sessionTimeoutMs, 10_000),
      heartbeatInterval: Math.floor(sessionTimeoutMs / HEARTBEATS_PER_SESSION),
      maxWaitTimeInMs: Math.min(IDLE_MS, Math.floor(sessionTimeoutMs / HEARTBEATS_PER_SESSION)),
      allowAutoTopicCreation: false,
      partitionAssigners: [
        coPartitionedAssigner(() => ({ owned: [...this.#owned], generation: this.#generation })),
      ],
    });
  }

  /** Connects; joining goes on in the background. */
  async join(): Promise<void> {
    const { topics, onCrash } = this.#options;
    const { GROUP_JOIN, HEARTBEAT, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#joined(payload.memberAssignment));
    this.#consumer.on(HEARTBEAT, ({ payload }) => {
      this.#generation = payload.groupGenerationId;
    });
    this.#consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart) onCrash(payload.error);
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    this.#consumer.run({ autoCommit: false, eachBatch: async () => {} }).catch(onCrash);
  }

  async leave(): Promise<void> {
    await this.#consumer.disconnect();
  }

  #joined(assignment: Readonly<Record<string, number[]>>): void {
    this.#consumer.pause(this.#options.topics.map((topic) => ({ topic })));
    this.#owned = new Set(Object.values(assignment).flat());
    this.#options.onAssignment(this.#owned);
  }
}
