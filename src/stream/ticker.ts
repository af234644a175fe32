import type { Producer } from "../broker/broker.ts";
import { type RecordCodec, recordKey } from "../records/index.ts";
import type { StreamClock } from "./task-context.ts";

/** Writes ticks for live partitions. Outside transactions: two owners for a moment only make time pass more finely. */
export class Ticker {
  readonly #producer: Producer;
  readonly #codec: RecordCodec;
  readonly #clock: StreamClock;
  readonly #intervalMs: number;
  #dueAtMs: number;

  constructor(producer: Producer, codec: RecordCodec, clock: StreamClock, intervalMs: number) {
    this.#producer = producer;
    this.#codec = codec;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#dueAtMs = clock.monotonicMs();
  }

  /** Until the next ticks, milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#dueAtMs - this.#clock.monotonicMs());
  }

  /** Writes one tick a partition if they are due. Ticks that were missed are not made up for. */
  async tick(partitions: readonly number[]): Promise<void> {
    if (this.waitMs > 0) return;
    this.#dueAtMs = this.#clock.monotonicMs() + this.#intervalMs;
    const observedAt = Math.floor(this.#clock.epochMs());
    await this.#producer.send(
      partitions.map((partition) => {
        const value = { cluster: "", observedAt, partition };
        return {
          topic: "carm.ticks",
          partition,
          key: Buffer.from(recordKey("carm.ticks", value)),
          value: this.#codec.encode("carm.ticks", value),
          timestamp: observedAt,
        };
      }),
    );
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }
}
