import type { Broker, IncomingRecord, PartitionReader } from "../broker/broker.ts";
import {
  CarmError,
  type Decision,
  decodeLearning,
  partitionOf,
  type RecordCodec,
  type Target,
} from "../records/index.ts";

/** What the control topic says next about a cluster. */
export type DecisionUpdate =
  | { readonly kind: "decided"; readonly decision: Decision }
  /** A tombstone: nothing is decided about this target any more. */
  | { readonly kind: "dropped"; readonly target: Target };

/** Where decisions come from. */
export interface DecisionFeed {
  /**
   * What came since the last call, in log order. The first call returns the latest state of every target, however
   * old. Throws what the broker throws; nothing is lost by that.
   */
  poll(): Promise<readonly DecisionUpdate[]>;
}

export interface BrokerDecisionFeed extends DecisionFeed {
  /** Records that could not be read as decisions. They are passed over: the next decision replaces them. */
  readonly skipped: number;
  /** Has the next `poll` read on to where the log ends now, whatever that takes. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

export interface BrokerDecisionFeedOptions {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly cluster: string;
  /** How long `poll` may wait for something to come, ms; 0 unless given. */
  readonly maxWaitMs?: number;
}

/** Reads a cluster's partition of `carm.decisions` from its beginning, then follows it. */
export function createDecisionFeed(options: BrokerDecisionFeedOptions): BrokerDecisionFeed {
  return new LogDecisionFeed(options);
}

const TOPIC = "carm.decisions";

/** Wait of one read while the log is read up to its end, ms. */
const CATCH_UP_WAIT_MS = 100;

class LogDecisionFeed implements BrokerDecisionFeed {
  readonly #options: BrokerDecisionFeedOptions;
  readonly #keyPrefix: string;
  #reader: PartitionReader | null = null;
  #partition = 0;
  #caughtUp = false;
  #position = 0;
  #endOffset = 0;
  /** Read, but not yet decoded: they stay if the registry can't be asked. */
  #undecoded: IncomingRecord[] = [];
  #updates: DecisionUpdate[] = [];
  #skipped = 0;

  constructor(options: BrokerDecisionFeedOptions) {
    this.#options = options;
    this.#keyPrefix = `${options.cluster}/`;
  }

  get skipped(): number {
    return this.#skipped;
  }

  async poll(): Promise<readonly DecisionUpdate[]> {
    this.#reader ??= await this.#open();
    // Half of the log must not be acted on: its older decisions may be long replaced.
    while (!this.#caughtUp) {
      this.#caughtUp = this.#position >= this.#endOffset;
      if (!this.#caughtUp) await this.#read(this.#reader, CATCH_UP_WAIT_MS);
    }
    await this.#read(this.#reader, this.#options.maxWaitMs ?? 0);
    const updates = this.#updates;
    if (updates.length > 0) this.#updates = [];
    return updates;
  }

  async catchUp(): Promise<void> {
    if (this.#reader === null) return;
    await this.#findEnd();
    this.#caughtUp = false;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }

  async #open(): Promise<PartitionReader> {
    const { broker, cluster } = this.#options;
    this.#partition = partitionOf(cluster, await broker.partitionCount(TOPIC));
    await this.#findEnd();
    return await broker.readPartitions([{ topic: TOPIC, partition: this.#partition, offset: 0 }]);
  }

  async #findEnd(): Promise<void> {
    const [end] = await this.#options.broker.endPositions([{ topic: TOPIC, partition: this.#partition }]);
    this.#endOffset = end?.offset ?? 0;
  }

  async #read(reader: PartitionReader, maxWaitMs: number): Promise<void> {
    const { records, positions } = await reader.poll(maxWaitMs);
    for (const { offset } of positions) this.#position = offset;
    if (records.length > 0) this.#undecoded.push(...records);
    for (let record = this.#undecoded[0]; record !== undefined; record = this.#undecoded[0]) {
      await this.#take(record);
      this.#undecoded.shift();
    }
  }

  async #take(record: IncomingRecord): Promise<void> {
    try {
      const update = record.value === null ? this.#tombstone(record) : await this.#decided(record.value);
      if (update !== null) this.#updates.push(update);
    } catch (cause) {
      if (!(cause instanceof CarmError)) throw cause;
      this.#skipped += 1;
    }
  }

  async #decided(bytes: Uint8Array): Promise<DecisionUpdate | null> {
    const { codec, cluster } = this.#options;
    const decision = await decodeLearning(codec, TOPIC, bytes);
    return decision.cluster === cluster ? { kind: "decided", decision } : null;
  }

  #tombstone(record: IncomingRecord): DecisionUpdate | null {
    const key = new TextDecoder().decode(record.key ?? new Uint8Array());
    if (!key.startsWith(this.#keyPrefix)) return null;
    const [, kind, id] = /^(job|service|lease)\/(.*)$/s.exec(key.slice(this.#keyPrefix.length)) ?? [];
    if (kind === undefined || id === undefined) return null;
    return { kind: "dropped", target: { kind: kind as Target["kind"], id } };
  }
}
