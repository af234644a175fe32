import { setTimeout as sleep } from "node:timers/promises";

/** Holds simulated time to so many simulated seconds a second. */
export class Pace {
  readonly #speed: number;
  readonly #startedAtMs = performance.now();

  /** An infinite speed never waits. */
  constructor(speed: number) {
    this.#speed = speed;
  }

  /** Waits until so much simulated time may have passed, or the signal ends. */
  async until(simulatedMs: number, signal: AbortSignal): Promise<void> {
    const waitMs = this.#startedAtMs + simulatedMs / this.#speed - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
  }
}
