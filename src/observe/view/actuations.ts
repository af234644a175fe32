import type { Actuation, Decision, Epoch, Target } from "../../records/index.ts";

/** Results that mean: the target is as decided. */
const done: ReadonlySet<string> = new Set(["applied", "unchanged"]);

/** What agents reported, and which decisions nobody has answered yet. */
export class Actuations {
  /** By result. */
  readonly counts = new Map<string, number>();
  /** Agents that last said that somebody else's hand is on a target. */
  readonly overridden = new Map<string, Actuation>();
  /** Decisions that ask for something and that no agent has applied, by `kind/id`. */
  readonly #pending = new Map<string, Decision>();
  readonly #onApplied: (lagSeconds: number) => void;

  constructor(onApplied: (lagSeconds: number) => void) {
    this.#onApplied = onApplied;
  }

  takeDecision(decision: Decision): void {
    if (decision.target.kind === "lease") return;
    this.#pending.set(keyOf(decision.target), decision);
  }

  take(actuation: Actuation): void {
    const { agent, target, result, epoch, observedAt } = actuation;
    this.counts.set(result, (this.counts.get(result) ?? 0) + 1);
    const key = keyOf(target);
    if (result === "overridden") this.overridden.set(`${agent}/${key}`, actuation);
    else this.overridden.delete(`${agent}/${key}`);
    const pending = this.#pending.get(key);
    if (pending === undefined || !done.has(result) || isOlder(epoch, pending.epoch)) return;
    this.#pending.delete(key);
    this.#onApplied(Math.max(0, observedAt - pending.observedAt) / 1000);
  }

  drop(target: Target): void {
    this.#pending.delete(keyOf(target));
  }

  /** When the oldest unanswered decision was made, epoch milliseconds; undefined if all are answered. */
  oldestPendingAt(): number | undefined {
    let oldest: number | undefined;
    for (const { observedAt } of this.#pending.values()) oldest = Math.min(oldest ?? observedAt, observedAt);
    return oldest;
  }

  get pending(): number {
    return this.#pending.size;
  }
}

function keyOf({ kind, id }: Target): string {
  return `${kind}/${id}`;
}

function isOlder(a: Epoch, b: Epoch): boolean {
  return a.incarnation < b.incarnation || (a.incarnation === b.incarnation && a.sequence < b.sequence);
}
