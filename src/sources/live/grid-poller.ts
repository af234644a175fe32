import { CarmError, type GridIntensity } from "../../records/index.ts";
import type { GridReading, GridSource } from "./grid-source.ts";
import { ThrottledError } from "./http.ts";

export interface GridPollerOptions {
  readonly source: GridSource;
  /** Names of the clusters that are bound to the source's zone and planned by its signal now. */
  readonly clusters: () => readonly string[];
  readonly publish: (record: GridIntensity) => void;
  /** Time between two questions while all goes well. */
  readonly intervalMs: number;
}

/** When to ask again, and what went wrong if something did. */
export interface PollResult {
  readonly published: number;
  readonly againInMs: number;
  readonly error: CarmError | null;
}

const RETRY_MIN_MS = 15_000;
const RETRY_MAX_MS = 900_000;
/** What was published is remembered for as long as a revision can come. */
const MEMORY_MS = 72 * 3_600_000;

/**
 * Asks a provider again and again and publishes what is new or revised, once for each cluster. A provider that fails
 * is asked again later and later; nothing is published meanwhile, which the processor notices as silence.
 */
export class GridPoller {
  readonly #options: GridPollerOptions;
  /** What was published last, by cluster and interval. */
  readonly #published = new Map<string, { startsAt: number; what: string }>();
  #failures = 0;

  constructor(options: GridPollerOptions) {
    this.#options = options;
  }

  /** Asks once. Throws only what is a defect of ours. */
  async poll(nowMs: number): Promise<PollResult> {
    const { source, intervalMs } = this.#options;
    let readings: readonly GridReading[];
    try {
      readings = await source.read(nowMs);
    } catch (error) {
      if (!(error instanceof CarmError)) throw error;
      const waitMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.#failures, 10));
      this.#failures += 1;
      const againInMs = error instanceof ThrottledError ? Math.max(error.retryAfterMs, waitMs) : waitMs;
      return { published: 0, againInMs, error };
    }
    this.#failures = 0;
    let published = 0;
    for (const cluster of this.#options.clusters()) {
      for (const reading of readings) if (this.#publishNews(cluster, reading, nowMs)) published += 1;
    }
    this.#forget(nowMs);
    return { published, againInMs: intervalMs, error: null };
  }

  #publishNews(cluster: string, reading: GridReading, nowMs: number): boolean {
    const { source, publish } = this.#options;
    const key = `${cluster}/${reading.kind === "forecast"}/${reading.startsAt}`;
    const what = `${reading.kind}/${reading.gco2PerKwh}/${reading.issuedAt}`;
    if (this.#published.get(key)?.what === what) return false;
    this.#published.set(key, { startsAt: reading.startsAt, what });
    publish({
      cluster,
      observedAt: nowMs,
      zone: source.zone,
      signal: source.signal,
      provider: source.provider,
      pricePerKwh: null,
      onSiteWatts: null,
      ...reading,
    });
    return true;
  }

  #forget(nowMs: number): void {
    for (const [key, { startsAt }] of this.#published) {
      if (startsAt < nowMs - MEMORY_MS) this.#published.delete(key);
    }
  }
}
