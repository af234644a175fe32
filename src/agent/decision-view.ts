import { type Decision, type Epoch, murmur2, type Target } from "../records/index.ts";
import type { AgentLimits } from "./agent-limits.ts";
import type { DecisionUpdate } from "./decision-feed.ts";
import { compareEpochs } from "./epoch.ts";

/** The newest decision about a target, and how long it holds. */
export interface Setpoint {
  readonly decision: Decision;
  /** End of its own lease on the agent's monotonic clock, ms; a renewal may extend it. Long past for a late one. */
  readonly leaseEndsAtMs: number;
  /** How long after the end of the lease this agent reverts the target, ms. */
  readonly spreadMs: number;
}

/**
 * What to do about a setpoint now. `in-force`: what it says. `released`: back to the hardware's own control.
 * `lease-over`: its fallback. A setpoint whose fallback is to hold stays in force.
 */
export type Standing = "in-force" | "released" | "lease-over";

/** What came of an update: `late` was taken as the latest state, but its lease was over before it came. */
export type Verdict = "accepted" | "late" | "repeated" | "stale" | "dropped";

/** Time of receipt. */
export interface Receipt {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export interface DecisionViewOptions {
  /** Who looks: with the target it decides where in the spread the target reverts. */
  readonly agent: string;
  readonly limits: AgentLimits;
  /** Highest epochs seen before, by target key. */
  readonly epochs: ReadonlyMap<string, Epoch>;
}

export function targetKey(kind: string, id: string): string {
  return `${kind}/${id}`;
}

/**
 * The decisions of one cluster folded into the desired state of its targets. Of each target the highest epoch counts,
 * so lost, repeated and reordered decisions end in the same state. No clock and no I/O of its own.
 *
 * A lease record renews every target that the same incarnation decided. One of another incarnation does not: who
 * started without state does not know them, so their leases end. A lease record with `release` releases every target
 * decided before it.
 */
export class DecisionView {
  readonly #options: DecisionViewOptions;
  readonly #setpoints = new Map<string, Setpoint>();
  readonly #epochs: Map<string, Epoch>;
  #lease: Setpoint | undefined;

  constructor(options: DecisionViewOptions) {
    this.#options = options;
    this.#epochs = new Map(options.epochs);
  }

  /** Highest epochs seen, by target key: what must outlast a restart. */
  get epochs(): ReadonlyMap<string, Epoch> {
    return this.#epochs;
  }

  get(kind: Target["kind"], id: string): Setpoint | undefined {
    return this.#setpoints.get(targetKey(kind, id));
  }

  accept(update: DecisionUpdate, receipt: Receipt): Verdict {
    const { target } = update.kind === "decided" ? update.decision : update;
    const key = targetKey(target.kind, target.id);
    if (update.kind === "dropped") {
      this.#setpoints.delete(key);
      this.#epochs.delete(key);
      if (target.kind === "lease") this.#lease = undefined;
      return "dropped";
    }
    const { decision } = update;
    const known = this.#epochs.get(key);
    const order = known === undefined ? 1 : compareEpochs(decision.epoch, known);
    if (order < 0) return "stale";
    if (order === 0 && this.#setpoints.has(key)) return "repeated";
    const { limits, agent } = this.#options;
    const ageMs = receipt.wallMs - decision.observedAt;
    const isOld = ageMs > limits.decisionAgeMaxMs;
    const late = isOld && ageMs >= decision.leaseMs;
    const leaseMs = isOld ? decision.leaseMs - ageMs : decision.leaseMs;
    const setpoint: Setpoint = {
      decision,
      leaseEndsAtMs: late ? Number.NEGATIVE_INFINITY : receipt.monotonicMs + leaseMs,
      spreadMs: spreadOf(`${agent}/${key}`, limits.reversionSpreadMs),
    };
    this.#epochs.set(key, decision.epoch);
    this.#setpoints.set(key, setpoint);
    if (target.kind === "lease") this.#lease = setpoint;
    return late ? "late" : "accepted";
  }

  standing(setpoint: Setpoint, nowMs: number): Standing {
    const { action, epoch, onLeaseEnd } = setpoint.decision;
    if (action === "release") return "released";
    const lease = this.#lease?.decision;
    if (lease?.action === "release" && compareEpochs(lease.epoch, epoch) > 0) return "released";
    if (onLeaseEnd === "hold") return "in-force";
    return nowMs < this.revertsAtMs(setpoint) ? "in-force" : "lease-over";
  }

  /** When the fallback takes place unless the lease is renewed, monotonic ms; infinite if it never does. */
  revertsAtMs(setpoint: Setpoint): number {
    const { decision, leaseEndsAtMs, spreadMs } = setpoint;
    if (decision.onLeaseEnd === "hold" || decision.action === "release") return Number.POSITIVE_INFINITY;
    const lease = this.#lease;
    const renewed =
      lease?.decision.action === "renew" && lease.decision.epoch.incarnation === decision.epoch.incarnation;
    return (renewed ? Math.max(leaseEndsAtMs, lease.leaseEndsAtMs) : leaseEndsAtMs) + spreadMs;
  }
}

/** A delay below `windowMs` that depends on the text alone. Names that differ little are far apart. */
function spreadOf(text: string, windowMs: number): number {
  const hash = murmur2(new TextEncoder().encode(text)) >>> 0;
  return Math.floor((hash / 2 ** 32) * windowMs);
}
