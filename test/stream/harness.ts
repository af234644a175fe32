import {
  type Broker,
  createEmbeddedBroker,
  type EmbeddedBrokerOptions,
  type OutgoingRecord,
} from "../../src/broker/index.ts";
import {
  createCodec,
  embeddedRegistry,
  partitionOf,
  type RecordCodec,
  recordKey,
  type TopicName,
  type TopicRecords,
  topicDeclarations,
} from "../../src/records/index.ts";

/** Simulated time starts here. */
export const startAt = Date.UTC(2026, 0, 1);

export interface Log {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly partitions: number;
}

/** A log with all topics; the records carry simulated time. */
export async function createLog(partitions = 1, options: EmbeddedBrokerOptions = {}): Promise<Log> {
  const broker = createEmbeddedBroker(options);
  await broker.createTopics(
    topicDeclarations().map(({ name, cleanup, retentionMs }) => ({
      name,
      partitions,
      cleanup,
      retentionMs,
      timestamps: "CreateTime",
    })),
  );
  return { broker, codec: await createCodec(embeddedRegistry()), partitions };
}

/** A record as a producer writes it, on the partition of its cluster. */
export function outgoing<T extends TopicName>(log: Log, topic: T, value: TopicRecords[T]): OutgoingRecord {
  return {
    topic,
    partition: partitionOf(value.cluster, log.partitions),
    key: Buffer.from(recordKey(topic, value)),
    value: log.codec.encode(topic, value),
    timestamp: value.observedAt,
  };
}

/** An input record of little meaning: `arrivals` carries the test's own number. */
export function requests(
  cluster: string,
  observedAt: number,
  arrivals: number,
): TopicRecords["carm.request-rate"] {
  return {
    cluster,
    observedAt,
    service: "s",
    startsAt: observedAt - 60_000,
    durationMs: 60_000,
    arrivals,
    completions: arrivals,
    queueDepth: 0,
    overTarget: 0,
    latencyCounts: [],
  };
}

export function intensity(
  cluster: string,
  observedAt: number,
  gco2PerKwh: number,
): TopicRecords["carm.grid-intensity"] {
  return {
    cluster,
    observedAt,
    zone: "DE",
    startsAt: observedAt,
    durationMs: 3_600_000,
    gco2PerKwh,
    signal: "average",
    kind: "measured",
    issuedAt: null,
    provider: "test",
    pricePerKwh: null,
    onSiteWatts: null,
  };
}

/** Time for every cluster of a partition. */
export function tick(log: Log, observedAt: number, partition: number): OutgoingRecord {
  const value = { cluster: "", observedAt, partition };
  return { ...outgoing(log, "carm.ticks", value), partition };
}

/** Everything on a partition of a topic that committed readers see. */
export async function readAll(broker: Broker, topic: string, partition: number) {
  const reader = await broker.readPartitions([{ topic, partition, offset: 0 }]);
  const [end] = await broker.endPositions([{ topic, partition }]);
  const records = [];
  let offset = 0;
  while (offset < end!.offset) {
    const polled = await reader.poll(100);
    records.push(...polled.records);
    offset = polled.positions.at(-1)?.offset ?? offset;
  }
  await reader.close();
  return records;
}
