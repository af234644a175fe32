import type {
  Broker,
  IncomingRecord,
  OutgoingRecord,
  PartitionReader,
  TopicPartition,
  TopicSpec,
} from "../../../src/broker/index.ts";

/** How long a promise that takes effect "some time after" may take before the suite gives up. */
const DEADLINE_MS = 20_000;
export const POLL_MS = 50;

let names = 0;
const run = Date.now().toString(36);

/** A broker for one test and short ways to use it. */
export class Suite {
  broker!: Broker;
  readonly #factory: () => Promise<Broker>;

  constructor(factory: () => Promise<Broker>) {
    this.#factory = factory;
  }

  async open(): Promise<void> {
    this.broker = await this.#factory();
  }

  async close(): Promise<void> {
    await this.broker.close();
  }

  name(kind: string): string {
    return `conformance-${kind}-${run}-${names++}`;
  }

  async topic(spec: Partial<TopicSpec> = {}): Promise<string> {
    const name = this.name("topic");
    const defaults = { partitions: 1, cleanup: "delete", retentionMs: -1, timestamps: "CreateTime" } as const;
    await this.broker.createTopics([{ ...defaults, ...spec, name }]);
    return name;
  }

  async send(topic: string, values: readonly string[], partition = 0): Promise<void> {
    const producer = await this.broker.producer();
    await producer.send(values.map((value) => record(topic, value, partition)));
    await producer.close();
  }

  async reader(topic: string, offset = 0): Promise<PartitionReader> {
    return this.broker.readPartitions([{ topic, partition: 0, offset }]);
  }

  async end(topic: string, partition = 0): Promise<number> {
    return (await this.broker.endPositions([{ topic, partition }]))[0]!.offset;
  }

  /** The committed position of partition 0, or undefined. */
  async committed(group: string, topic: string): Promise<number | undefined> {
    return (await this.broker.committedPositions(group, [{ topic, partition: 0 }]))[0]?.offset;
  }
}

/** A record whose key, unless given, is its value. */
export function record(
  topic: string,
  value: string | null,
  partition = 0,
  key = value ?? "",
): OutgoingRecord {
  return {
    topic,
    partition,
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestamp: Date.UTC(2025, 0, 1),
  };
}

/** The value as text. */
export function textOf(incoming: IncomingRecord): string {
  return incoming.value === null ? "tombstone" : Buffer.from(incoming.value).toString();
}

/** Names a partition. */
export const key = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

/** Repeats `attempt` until it gives something else than undefined. */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (performance.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Polls until `done` says so; everything read, and the last position of each partition. */
export async function pollUntil(
  reader: PartitionReader,
  what: string,
  done: (records: readonly IncomingRecord[], positions: ReadonlyMap<string, number>) => boolean,
): Promise<IncomingRecord[]> {
  const records: IncomingRecord[] = [];
  const positions = new Map<string, number>();
  return eventually(what, async () => {
    const polled = await reader.poll(POLL_MS);
    records.push(...polled.records);
    for (const position of polled.positions) positions.set(key(position), position.offset);
    return done(records, positions) ? records : undefined;
  });
}

/** The values of the next records, at least this many. */
export async function readValues(reader: PartitionReader, count: number): Promise<string[]> {
  const records = await pollUntil(reader, `${count} records`, (found) => found.length >= count);
  return records.map(textOf);
}

/** Everything visible before the end position, whose reaching does not depend on a last record. */
export async function readToEnd(suite: Suite, topic: string): Promise<string[]> {
  const end = await suite.end(topic);
  if (end === 0) return [];
  const reader = await suite.reader(topic);
  const records = await pollUntil(reader, `position ${end}`, (_, at) => (at.get(`${topic}/0`) ?? 0) >= end);
  await reader.close();
  return records.map(textOf);
}

/** Polls a while and returns what came, for what must not come. */
export async function pollSome(reader: PartitionReader, polls = 20): Promise<string[]> {
  const values: string[] = [];
  for (let i = 0; i < polls; i++) values.push(...(await reader.poll(2)).records.map(textOf));
  return values;
}
