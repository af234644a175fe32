import { CarmError } from "../records/index.ts";

/** What a pass of a reconcile loop says about the next one. */
export type ReconcileResult =
  /** Nothing is due until a decision comes or the machinery changes. */
  | { readonly status: "done" }
  /** Something is due after `afterMs` at the latest: a retry, or a lease that ends. `error` says what went wrong, if anything did. */
  | { readonly status: "again"; readonly afterMs: number; readonly error: CarmError | null }
  /** The agent was stopped and will do nothing more. */
  | { readonly status: "terminal" };

/** Collects, during a pass, when the next one is due. */
export class NextPass {
  readonly #nowMs: number;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #error: CarmError | null = null;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** Something is due at this monotonic time. */
  due(atMs: number): void {
    if (atMs > this.#nowMs && atMs < this.#dueAtMs) this.#dueAtMs = atMs;
  }

  /** Something went wrong and is tried again at `retryAtMs`. The first error is kept. */
  failed(cause: unknown, retryAtMs: number): void {
    this.#error ??= asCarmError(cause);
    this.due(retryAtMs);
  }

  result(): ReconcileResult {
    if (this.#dueAtMs === Number.POSITIVE_INFINITY) return { status: "done" };
    return { status: "again", afterMs: this.#dueAtMs - this.#nowMs, error: this.#error };
  }
}

/** What an actuator, a feed or a broker threw, as an error with a code. */
export function asCarmError(cause: unknown): CarmError {
  if (cause instanceof CarmError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new CarmError("ERR_ACTUATOR_FAILED", message, { cause });
}
