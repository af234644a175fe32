import type { Decision, Epoch } from "../records/index.ts";
import type { AgentLimits } from "./agent-limits.ts";
import type { Clock } from "./clock.ts";
import type { DecisionFeed } from "./decision-feed.ts";
import { DecisionView, type Setpoint } from "./decision-view.ts";

export interface IntakeOptions {
  readonly agent: string;
  readonly cluster: string;
  readonly feed: DecisionFeed;
  readonly clock: Clock;
  readonly limits: AgentLimits;
  readonly epochs: ReadonlyMap<string, Epoch>;
}

/** What one pull brought. */
export interface Pulled {
  /** True if there are epochs that must be stored before anything is done about them. */
  readonly changed: boolean;
  /** Decisions that count for nothing: older than one seen before, or too old and not renewed. */
  readonly stale: readonly Decision[];
  /** What the feed threw; the decisions known so far, and their leases, still hold. */
  readonly error: unknown;
}

const NOTHING: Pulled = { changed: false, stale: [], error: null };

/** Takes decisions from the feed into the view. */
export class Intake {
  readonly view: DecisionView;
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.view = new DecisionView(options);
  }

  async pull(): Promise<Pulled> {
    const { feed, clock, cluster } = this.#options;
    let updates: Awaited<ReturnType<DecisionFeed["poll"]>>;
    try {
      updates = await feed.poll();
    } catch (error) {
      return { ...NOTHING, error };
    }
    if (updates.length === 0) return NOTHING;
    const receipt = { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
    const stale: Decision[] = [];
    const late: Setpoint[] = [];
    let changed = false;
    for (const update of updates) {
      if (update.kind === "decided" && update.decision.cluster !== cluster) continue;
      const verdict = this.view.accept(update, receipt);
      changed ||= verdict !== "stale" && verdict !== "repeated";
      if (update.kind === "dropped") continue;
      const { decision } = update;
      if (verdict === "stale") stale.push(decision);
      if (verdict === "late") late.push(this.view.get(decision.target.kind, decision.target.id)!);
    }
    // Judged at the end: a renewal that came with it may cover a late decision, or a newer one may have replaced it.
    for (const setpoint of late) {
      const { target } = setpoint.decision;
      const current = this.view.get(target.kind, target.id) === setpoint;
      const ended = this.view.revertsAtMs(setpoint) - setpoint.spreadMs <= receipt.monotonicMs;
      if (current && ended) stale.push(setpoint.decision);
    }
    return { changed, stale, error: null };
  }
}
