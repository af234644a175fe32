import type { IncomingRecord } from "../broker/broker.ts";
import { CarmError, type RecordCodec } from "../records/index.ts";

/**
 * What time it is on a partition, as far as its task can tell: the append time of the newest tick that was read, taken
 * or not. After an outage the first ticks to come are old, so who writes them itself goes by its own clock as well,
 * until one made since it started comes back. From then on its clock may be wrong.
 */
export class LogTime {
  readonly #codec: RecordCodec;
  readonly #epochMs: () => number;
  readonly #startedAt: number;
  #usesClock: boolean;
  #newestTick = Number.NEGATIVE_INFINITY;

  constructor(codec: RecordCodec, epochMs: () => number, writesTicks: boolean) {
    this.#codec = codec;
    this.#epochMs = epochMs;
    this.#startedAt = epochMs();
    this.#usesClock = writesTicks;
  }

  /** Epoch milliseconds; minus infinity before anything is known. */
  get newestMs(): number {
    return this.#usesClock ? Math.max(Math.floor(this.#epochMs()), this.#newestTick) : this.#newestTick;
  }

  observe(tick: IncomingRecord): void {
    this.#newestTick = Math.max(this.#newestTick, tick.timestamp);
    if (this.#usesClock && this.#madeAt(tick) >= this.#startedAt) this.#usesClock = false;
  }

  #madeAt({ value }: IncomingRecord): number {
    try {
      return value === null ? 0 : this.#codec.decode("carm.ticks", value).observedAt;
    } catch (error) {
      if (error instanceof CarmError) return 0;
      throw error;
    }
  }
}
