import { createManualClock, type ManualClock } from "../../agent/index.ts";
import type { Broker, PartitionReader } from "../../broker/index.ts";
import type { RecordCodec } from "../../records/index.ts";

const TOPIC = "carm.ticks";
/** Longest wait of one read; new ticks end it. */
const POLL_MS = 200;

/** A clock that stands where `carm.ticks` says: how a process follows simulated time. */
export class TickClock {
  readonly clock: ManualClock = createManualClock(0);
  readonly #codec: RecordCodec;
  readonly #reader: PartitionReader;

  private constructor(codec: RecordCodec, reader: PartitionReader) {
    this.#codec = codec;
    this.#reader = reader;
  }

  /** Starts from the latest tick of these partitions. */
  static async open(broker: Broker, codec: RecordCodec, partitions: readonly number[]): Promise<TickClock> {
    const ends = await broker.endPositions(partitions.map((partition) => ({ topic: TOPIC, partition })));
    const from = ends.map((end) => ({ ...end, offset: Math.max(0, end.offset - 1) }));
    return new TickClock(codec, await broker.readPartitions(from));
  }

  /** Reads on until the clock stands at this time or the signal ends. */
  async reached(nowMs: number, signal: AbortSignal): Promise<void> {
    while (this.clock.wallMs() < nowMs && !signal.aborted) await this.#read();
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  async #read(): Promise<void> {
    const { records } = await this.#reader.poll(POLL_MS);
    for (const { value } of records) {
      if (value !== null) this.clock.advanceTo(this.#codec.decode(TOPIC, value).observedAt);
    }
  }
}
