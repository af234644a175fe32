import type { Broker, PartitionReader } from "../../broker/index.ts";
import { carmProcessor } from "../../processor/index.ts";
import type { RecordCodec } from "../../records/index.ts";

const TOPIC = "carm.interleavings";
const TICK_RANK = carmProcessor.inputs.indexOf("carm.ticks");

/** How far the processor has come, read off the log: each of its transactions says what it took last. */
export class ProcessorProgress {
  readonly #codec: RecordCodec;
  readonly #reader: PartitionReader;
  /** By partition: the latest tick with which a transaction ended, epoch milliseconds. */
  readonly #tickAt: Map<number, number>;

  private constructor(codec: RecordCodec, reader: PartitionReader, partitions: readonly number[]) {
    this.#codec = codec;
    this.#reader = reader;
    this.#tickAt = new Map(partitions.map((partition) => [partition, Number.NEGATIVE_INFINITY]));
  }

  static async open(
    broker: Broker,
    codec: RecordCodec,
    partitions: readonly number[],
  ): Promise<ProcessorProgress> {
    // From the start: a replay's log is new.
    const from = partitions.map((partition) => ({ topic: TOPIC, partition, offset: 0 }));
    return new ProcessorProgress(codec, await broker.readPartitions(from), partitions);
  }

  /** Whether the tick of this time is processed on all partitions; waits for that, but no longer than `maxWaitMs`. */
  async through(tickAt: number, maxWaitMs: number): Promise<boolean> {
    const deadline = performance.now() + maxWaitMs;
    for (;;) {
      if ([...this.#tickAt.values()].every((at) => at >= tickAt)) return true;
      const remainingMs = deadline - performance.now();
      if (remainingMs <= 0) return false;
      const { records } = await this.#reader.poll(remainingMs);
      for (const { value } of records) if (value !== null) this.#take(value);
    }
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  #take(bytes: Uint8Array): void {
    const { partition, observedAt, runs } = this.#codec.decode(TOPIC, bytes);
    if (runs.at(-1)?.topicRank === TICK_RANK) this.#tickAt.set(partition, observedAt);
  }
}
