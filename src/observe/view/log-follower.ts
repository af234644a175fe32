import type { Broker, IncomingRecord, PartitionReader, Position } from "../../broker/index.ts";
import { CarmError, decodeLearning, type RecordCodec } from "../../records/index.ts";
import { type FleetView, historyTopics, liveTopics, type ViewRecord, type ViewTopic } from "./fleet-view.ts";

export interface FollowerOptions {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly view: FleetView;
}

/** Longest wait of one read in `run`, ms. */
const RUN_WAIT_MS = 500;

/** Keeps a view in step with the log. Stateless: a new one reads what the log keeps and knows the same. */
export class LogFollower {
  readonly #options: FollowerOptions;
  readonly #reader: PartitionReader;
  /** History still to be read, by `topic/partition`: the position at which it ends. */
  readonly #behind: Map<string, number>;
  /** Records that could not be read; they are the processor's to judge. */
  skipped = 0;

  private constructor(options: FollowerOptions, reader: PartitionReader, behind: Map<string, number>) {
    this.#options = options;
    this.#reader = reader;
    this.#behind = behind;
  }

  /** Opens readers on every partition. Throws ERR_TOPIC_UNKNOWN where `carm topics apply` has not run. */
  static async open(options: FollowerOptions): Promise<LogFollower> {
    const { broker } = options;
    const partitions = async (topics: readonly ViewTopic[]) =>
      (
        await Promise.all(
          topics.map(async (topic) =>
            Array.from({ length: await broker.partitionCount(topic) }, (_, partition) => ({
              topic,
              partition,
            })),
          ),
        )
      ).flat();
    const history = await partitions(historyTopics);
    const ends = await broker.endPositions(history);
    const from: Position[] = [
      ...history.map((one) => ({ ...one, offset: 0 })),
      ...(await broker.endPositions(await partitions(liveTopics))),
    ];
    const behind = new Map(ends.filter(({ offset }) => offset > 0).map((end) => [placeOf(end), end.offset]));
    return new LogFollower(options, await broker.readPartitions(from), behind);
  }

  /** True once everything that was on the log at `open` has been taken in. */
  get isCaughtUp(): boolean {
    return this.#behind.size === 0;
  }

  /** Waits up to `maxWaitMs` for something to read and takes it in. */
  async poll(maxWaitMs: number): Promise<void> {
    const { records, positions } = await this.#reader.poll(maxWaitMs);
    for (const record of records) await this.#take(record);
    for (const position of positions) {
      const end = this.#behind.get(placeOf(position));
      if (end !== undefined && position.offset >= end) this.#behind.delete(placeOf(position));
    }
  }

  /** Follows the log until the signal, then closes. Throws what the broker throws. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) await this.poll(RUN_WAIT_MS);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  async #take({ topic, key, value }: IncomingRecord): Promise<void> {
    const { codec, view } = this.#options;
    const name = topic as ViewTopic;
    if (value === null) return view.drop(name, Buffer.from(key ?? []).toString("utf8"));
    try {
      view.take({ topic: name, value: await decodeLearning(codec, name, value) } as ViewRecord);
    } catch (error) {
      if (!(error instanceof CarmError)) throw error;
      this.skipped += 1;
    }
  }
}

function placeOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`;
}
