import type { AgentLimits } from "./agent-limits.ts";

/** When something that failed may be tried again: the wait doubles with each failure in a row. */
export class BackOff {
  readonly #limits: AgentLimits;
  #failures = 0;
  #retryAtMs = Number.NEGATIVE_INFINITY;

  constructor(limits: AgentLimits) {
    this.#limits = limits;
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  get retryAtMs(): number {
    return this.#retryAtMs;
  }

  allows(nowMs: number): boolean {
    return nowMs >= this.#retryAtMs;
  }

  failed(nowMs: number): void {
    const { retryMinMs, retryMaxMs } = this.#limits;
    // 2^30 times the shortest wait is beyond every limit and still exact.
    this.#retryAtMs = nowMs + Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#retryAtMs = Number.NEGATIVE_INFINITY;
  }
}
