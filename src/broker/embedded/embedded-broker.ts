import type { Broker, Position } from "../broker.ts";
import { EmbeddedLog } from "./embedded-log.ts";
import { EmbeddedProducer, EmbeddedTransactionalProducer } from "./producers.ts";
import { EmbeddedGroupConsumer, EmbeddedReader } from "./reader.ts";
import type { VisibilityLag } from "./visibility.ts";

export interface EmbeddedBrokerOptions {
  /** The clock of topics with LogAppendTime, epoch milliseconds; Date.now by default. */
  readonly now?: () => number;
  /** How long what is committed stays unseen; by default it is seen at once. */
  readonly visibilityLag?: VisibilityLag;
  /** Retention and compaction of a partition start at this many records. */
  readonly cleanAfterRecords?: number;
  /** How long compaction keeps tombstones after it first met them, by `now`. */
  readonly tombstoneRetentionMs?: number;
}

const CLEAN_AFTER_RECORDS = 10_000;
const TOMBSTONE_RETENTION_MS = 7 * 24 * 3_600_000;

/**
 * A broker in memory that keeps Kafka's rules. Records are kept as they are given: their bytes must not change
 * afterwards. All clients of the returned object share its topics.
 */
export function createEmbeddedBroker(options: EmbeddedBrokerOptions = {}): Broker {
  const log = new EmbeddedLog({
    now: options.now ?? Date.now,
    visibilityLag: options.visibilityLag ?? { maxCalls: 0, seed: 0 },
    cleanAfterRecords: options.cleanAfterRecords ?? CLEAN_AFTER_RECORDS,
    tombstoneRetentionMs: options.tombstoneRetentionMs ?? TOMBSTONE_RETENTION_MS,
  });
  return {
    async createTopics(topics) {
      log.enter();
      for (const spec of topics) log.createTopic(spec);
    },
    async partitionCount(topic) {
      log.enter();
      return log.partitions(topic).length;
    },
    async endPositions(partitions) {
      log.enter();
      return partitions.map(({ topic, partition }) => {
        return { topic, partition, offset: log.partition({ topic, partition }).stableEnd };
      });
    },
    async committedPositions(group, partitions) {
      log.enter();
      return partitions.flatMap(({ topic, partition }): Position[] => {
        const offset = log.group(group).committed.get(log.partition({ topic, partition }));
        return offset === undefined ? [] : [{ topic, partition, offset }];
      });
    },
    async producer() {
      log.enter();
      return new EmbeddedProducer(log);
    },
    async transactionalProducer(transactionalId) {
      log.enter();
      return new EmbeddedTransactionalProducer(log, transactionalId);
    },
    async consumer(group, topics) {
      log.enter();
      return new EmbeddedGroupConsumer(log, group, topics);
    },
    async readPartitions(from) {
      log.enter();
      return new EmbeddedReader(log, from);
    },
    async close() {
      log.close();
    },
  };
}
