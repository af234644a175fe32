import { setTimeout as sleep } from "node:timers/promises";
import type { Admin, Cluster } from "kafkajs";
import { CarmError } from "../../records/index.ts";
import type { Broker, Position, TopicPartition } from "../broker.ts";
import { type Connection, connection, type KafkaOptions, openCluster } from "./connection.ts";
import { errorType, isTransient, kafkaError } from "./kafka-error.ts";
import { KafkaGroupConsumer } from "./kafka-group-consumer.ts";
import { KafkaProducer } from "./kafka-producer.ts";
import { KafkaReader } from "./kafka-reader.ts";
import { KafkaTransactionalProducer } from "./kafka-transactional-producer.ts";
import { alterTopic, describeTopics, type TopicState, untilServed } from "./topic-admin.ts";
import { topicSettings } from "./topic-settings.ts";

/** A connection to Kafka. What it opens is closed with it. */
export interface KafkaBroker extends Broker {
  /** Names the cluster for as long as it lives. */
  readonly clusterId: string;
  /** The topics of these names that exist, with the settings that `topicSettings` knows. */
  describeTopics(names: readonly string[]): Promise<TopicState[]>;
  /** Changes settings of a topic and leaves all others that were set for it as they are. */
  alterTopic(name: string, settings: Readonly<Record<string, string>>): Promise<void>;
}

const SESSION_TIMEOUT_MS = 10_000;
const TRANSACTION_TIMEOUT_MS = 60_000;
/** With the delays some seconds: as long as a new topic on a busy cluster may be without leaders. */
const ATTEMPTS = 12;
const RETRY_DELAY_MS = 100;

/** Connects. Throws ERR_BROKER_UNREACHABLE if no broker answers, ERR_BROKER_FAILED if it refuses. */
export async function createKafkaBroker(options: KafkaOptions): Promise<KafkaBroker> {
  const link = connection(options);
  const admin = link.brisk.admin();
  try {
    await admin.connect();
    const { clusterId } = await admin.describeCluster();
    const cluster = await openCluster(link.brisk, []);
    return new ConnectedBroker(link, admin, cluster, clusterId);
  } catch (error) {
    await admin.disconnect().catch(() => {});
    throw kafkaError(`connecting to ${options.brokers.join(", ")}`, error);
  }
}

class ConnectedBroker implements KafkaBroker {
  readonly clusterId: string;
  readonly #link: Connection;
  readonly #admin: Admin;
  readonly #cluster: Cluster;
  readonly #open = new Set<{ close(): Promise<void> }>();
  readonly #closed = (client: { close(): Promise<void> }) => void this.#open.delete(client);
  #isClosed = false;

  constructor(link: Connection, admin: Admin, cluster: Cluster, clusterId: string) {
    this.#link = link;
    this.#admin = admin;
    this.#cluster = cluster;
    this.clusterId = clusterId;
  }

  async createTopics(topics: Parameters<Broker["createTopics"]>[0]): Promise<void> {
    const { replicationFactor } = this.#link.options;
    await this.#doing("creating topics", async () => {
      const existing = new Set(await this.#admin.listTopics());
      const missing = topics.filter(({ name }) => !existing.has(name));
      if (missing.length === 0) return;
      await this.#admin.createTopics({
        // kafkajs's own wait gives up where a broker does not know the topic yet.
        waitForLeaders: false,
        topics: missing.map((spec) => ({
          topic: spec.name,
          numPartitions: spec.partitions,
          ...(replicationFactor === undefined ? {} : { replicationFactor }),
          configEntries: Object.entries(topicSettings(spec)).map(([name, value]) => ({ name, value })),
        })),
      });
      await untilServed(
        this.#admin,
        missing.map(({ name }) => name),
      );
    });
  }

  async describeTopics(names: readonly string[]): Promise<TopicState[]> {
    return this.#doing("looking up topics", () => describeTopics(this.#admin, names));
  }

  async alterTopic(name: string, settings: Readonly<Record<string, string>>): Promise<void> {
    await this.#doing(`changing ${name}`, () => alterTopic(this.#admin, name, settings));
  }

  async partitionCount(topic: string): Promise<number> {
    return this.#doing(`looking up ${topic}`, async () => {
      await this.#knows([topic]);
      const { length } = this.#cluster.findTopicPartitionMetadata(topic);
      // A topic that is being created is known before its partitions are.
      if (length === 0) throw new CarmError("ERR_TOPIC_UNKNOWN", `${topic} has no partitions yet.`);
      return length;
    });
  }

  async endPositions(partitions: readonly TopicPartition[]): Promise<Position[]> {
    return this.#doing("asking where partitions end", async () => {
      const topics = [...Map.groupBy(partitions, ({ topic }) => topic)];
      await this.#knows(topics.map(([topic]) => topic));
      const ends = await this.#cluster.fetchTopicsOffset(
        topics.map(([topic, ofTopic]) => ({
          topic,
          partitions: ofTopic.map(numberOf),
          fromBeginning: false,
        })),
      );
      // kafkajs answers in an order of its own.
      return partitions.map(({ topic, partition }) => {
        const found = ends.find((one) => one.topic === topic)!.partitions;
        const { offset } = found.find((one) => one.partition === partition)!;
        return { topic, partition, offset: Number(offset) };
      });
    });
  }

  async committedPositions(group: string, partitions: readonly TopicPartition[]): Promise<Position[]> {
    return this.#doing(`asking for the positions of ${group}`, async () => {
      const coordinator = await this.#cluster.findGroupCoordinator({ groupId: group });
      const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
        topic,
        partitions: ofTopic.map(({ partition }) => ({ partition, offset: "-1" })),
      }));
      const { responses } = await coordinator.offsetFetch({ groupId: group, topics });
      return responses.flatMap(({ topic, partitions: found }) =>
        found
          .map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) }))
          .filter(({ offset }) => offset >= 0),
      );
    });
  }

  async producer(): Promise<KafkaProducer> {
    this.#enter();
    return this.#keep(new KafkaProducer(this.#link.patient, this.#closed));
  }

  async transactionalProducer(transactionalId: string): Promise<KafkaTransactionalProducer> {
    this.#enter();
    const { transactionTimeoutMs = TRANSACTION_TIMEOUT_MS } = this.#link.options;
    return this.#keep(
      await KafkaTransactionalProducer.fence(
        this.#link.patient,
        transactionalId,
        transactionTimeoutMs,
        this.#closed,
      ),
    );
  }

  async consumer(group: string, topics: readonly string[]): Promise<KafkaGroupConsumer> {
    const { sessionTimeoutMs = SESSION_TIMEOUT_MS } = this.#link.options;
    return this.#doing(`joining group ${group}`, async () => {
      const cluster = await openCluster(this.#link.brisk, topics);
      const options = { group, topics, sessionTimeoutMs };
      return this.#keep(await KafkaGroupConsumer.join(cluster, this.#link.brisk, options, this.#closed));
    });
  }

  async readPartitions(from: readonly Position[]): Promise<KafkaReader> {
    return this.#doing("opening a reader", async () => {
      const cluster = await openCluster(this.#link.brisk, [...new Set(from.map(({ topic }) => topic))]);
      return this.#keep(new KafkaReader(cluster, from, this.#closed));
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#open].map((client) => client.close()));
    await Promise.allSettled([this.#admin.disconnect(), this.#cluster.disconnect()]);
  }

  #keep<T extends { close(): Promise<void> }>(client: T): T {
    this.#open.add(client);
    return client;
  }

  #enter(): void {
    if (this.#isClosed) throw new CarmError("ERR_BROKER_CLOSED", "The connection to Kafka is closed.");
  }

  async #knows(topics: readonly string[]): Promise<void> {
    await this.#cluster.addMultipleTargetTopics([...topics]);
  }

  /** Reads again what a broker could not say just now; leaders and coordinators move. */
  async #doing<T>(what: string, action: () => Promise<T>): Promise<T> {
    this.#enter();
    for (let attempt = 1; ; attempt++) {
      try {
        return await action();
      } catch (error) {
        // kafkajs has waited long enough for a topic that it does not know.
        const isLost = !isTransient(error) || errorType(error) === "UNKNOWN_TOPIC_OR_PARTITION";
        if (isLost || attempt === ATTEMPTS) throw kafkaError(what, error);
        await this.#cluster.refreshMetadata().catch(() => {});
        await sleep(attempt * RETRY_DELAY_MS);
      }
    }
  }
}

function numberOf({ partition }: TopicPartition): { partition: number } {
  return { partition };
}
