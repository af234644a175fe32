import type { SchedulerActuator } from "./actuators/actuator.ts";
import { type AgentLimits, agentLimits } from "./agent-limits.ts";
import type { AgentStore, SchedulerMemory } from "./agent-store.ts";
import type { Clock } from "./clock.ts";
import type { DecisionFeed } from "./decision-feed.ts";
import { Exclusive } from "./exclusive.ts";
import { Intake } from "./intake.ts";
import { JobHands } from "./job-hands.ts";
import { JobNotes } from "./job-notes.ts";
import { JobSteering } from "./job-steering.ts";
import { JobTracker } from "./job-tracker.ts";
import type { Leadership } from "./leadership.ts";
import { Outbox, type Publish } from "./outbox.ts";
import { asCarmError, NextPass, type ReconcileResult } from "./reconcile-result.ts";
import { Reporter } from "./reporter.ts";
import type { StopSwitch } from "./stop-switch.ts";

export interface SchedulerAgentOptions {
  readonly cluster: string;
  readonly actuator: SchedulerActuator;
  readonly feed: DecisionFeed;
  readonly publish: Publish;
  readonly clock: Clock;
  readonly store: AgentStore<SchedulerMemory>;
  readonly stopSwitch?: StopSwitch;
  /** Where several agents run for one cluster: only the one that holds it acts. */
  readonly leadership?: Leadership;
  readonly limits?: Partial<AgentLimits>;
}

/** Tells what becomes of a cluster's jobs and services, and runs the jobs as decided. Its calls run one after the other. */
export interface SchedulerAgent {
  /**
   * Publishes the events since the last pass, then compares every job with what was decided and closes the
   * difference. What goes wrong is reported, told in the result and tried again; it throws ERR_STATE_CORRUPT only, if
   * its memory can't be read.
   */
  reconcile(): Promise<ReconcileResult>;
  /** Takes back the jobs that were left to somebody else. */
  reclaim(): void;
  /** Ends it and gives its leadership up. Jobs stay as they are: a held or paused one is for its lease's fallback or its owner to run. */
  stop(): Promise<void>;
}

const AGENT = "scheduler";

/** Throws ERR_OPTION_INVALID for a limit that can't be used. */
export function createSchedulerAgent(options: SchedulerAgentOptions): SchedulerAgent {
  return new LevelSchedulerAgent(options);
}

/** What the agent works with once its memory is read. */
interface Parts {
  readonly intake: Intake;
  readonly tracker: JobTracker;
  readonly hands: JobHands;
  readonly events: Outbox<"carm.job-events">;
  readonly steering: JobSteering;
  readonly notes: JobNotes;
}

class LevelSchedulerAgent implements SchedulerAgent {
  readonly #options: SchedulerAgentOptions;
  readonly #limits: AgentLimits;
  readonly #exclusive = new Exclusive();
  readonly #actuations: Outbox<"carm.actuations">;
  readonly #reporter: Reporter;
  #parts: Parts | null = null;
  #unsaved = false;
  #stopped = false;

  constructor(options: SchedulerAgentOptions) {
    this.#options = options;
    this.#limits = agentLimits(options.limits);
    const { publish, clock } = options;
    this.#actuations = new Outbox("carm.actuations", publish, this.#limits.queuedRecordsMax);
    this.#reporter = new Reporter({ agent: AGENT, clock, outbox: this.#actuations });
  }

  reconcile(): Promise<ReconcileResult> {
    return this.#exclusive.run(async () => {
      if (this.#stopped) return { status: "terminal" };
      const waits = await this.#waitsForLeadership();
      if (waits !== null) return waits;
      return await this.#pass(this.#parts ?? (await this.#wake()));
    });
  }

  reclaim(): void {
    this.#parts?.hands.reclaim();
  }

  stop(): Promise<void> {
    return this.#exclusive.run(async () => {
      this.#stopped = true;
      await this.#options.leadership?.release();
    });
  }

  /** null for the agent that acts. */
  async #waitsForLeadership(): Promise<ReconcileResult | null> {
    const { leadership } = this.#options;
    const afterMs = this.#limits.retryMinMs;
    try {
      if (leadership === undefined || (await leadership.held())) return null;
      // What it remembers is no longer true once another has acted: it must be started anew.
      if (this.#parts !== null) this.#stopped = true;
      return this.#stopped ? { status: "terminal" } : { status: "again", afterMs, error: null };
    } catch (cause) {
      return { status: "again", afterMs, error: asCarmError(cause) };
    }
  }

  async #pass(parts: Parts): Promise<ReconcileResult> {
    const { clock, stopSwitch } = this.#options;
    const pulled = await parts.intake.pull();
    const halted = (await stopSwitch?.engaged()) ?? false;
    const nowMs = clock.monotonicMs();
    const next = new NextPass(nowMs);
    if (pulled.error !== null) next.failed(pulled.error, nowMs + this.#limits.retryMinMs);
    this.#unsaved ||= pulled.changed;
    await this.#save(parts, next, nowMs);
    try {
      const workloads = await this.#look(parts);
      const due = parts.steering.judge(workloads, { halted, nowMs, next });
      this.#unsaved ||= due.length > 0;
      await this.#save(parts, next, nowMs);
      // A change that no file knows of could not be told from somebody else's after a crash.
      if (due.length > 0 && (halted || !this.#unsaved)) {
        await parts.steering.make(due, { halted, nowMs, next });
        parts.steering.readBack(await this.#look(parts), { halted, nowMs, next });
      }
      parts.steering.reportStale(pulled.stale, workloads);
      await parts.notes.tell(workloads, { halted, nowMs, next });
    } catch (cause) {
      next.failed(cause, nowMs + this.#limits.retryMinMs);
    }
    this.#reporter.endPass();
    // Events are stored before they are sent: after a crash they are sent again under the same sequence.
    await this.#save(parts, next, nowMs);
    try {
      await parts.events.flush();
      await this.#actuations.flush();
    } catch (cause) {
      next.failed(cause, nowMs + this.#limits.retryMinMs);
    }
    return next.result();
  }

  /** Observes, and queues what happened since the last look. */
  async #look({ tracker, events }: Parts) {
    const workloads = await this.#options.actuator.observe();
    for (const event of tracker.look(workloads)) {
      events.add(event);
      this.#unsaved = true;
    }
    return workloads;
  }

  async #save({ intake, tracker, hands, events }: Parts, next: NextPass, nowMs: number): Promise<void> {
    if (!this.#unsaved) return;
    try {
      await this.#options.store.save({
        epochs: intake.view.epochs,
        subjects: tracker.subjects,
        widths: hands.widths,
        unsent: events.queued,
      });
      this.#unsaved = false;
    } catch (cause) {
      next.failed(cause, nowMs + this.#limits.retryMinMs);
    }
  }

  async #wake(): Promise<Parts> {
    const { cluster, feed, clock, store, actuator, publish } = this.#options;
    const limits = this.#limits;
    const memory = await store.load();
    const epochs = memory?.epochs ?? new Map();
    const subjects = memory?.subjects ?? new Map();
    const intake = new Intake({ agent: AGENT, cluster, feed, clock, limits, epochs });
    const { progressIntervalMs, queuedRecordsMax } = limits;
    const tracker = new JobTracker({ cluster, clock, progressIntervalMs, subjects });
    const events = new Outbox("carm.job-events", publish, queuedRecordsMax, memory?.unsent);
    const { view } = intake;
    const reporter = this.#reporter;
    const hands = new JobHands(memory?.widths ?? new Map());
    const steering = new JobSteering({ actuator, view, tracker, hands, reporter, clock, limits });
    const notes = new JobNotes(actuator, view, limits.retryMinMs);
    this.#parts = { intake, tracker, hands, events, steering, notes };
    return this.#parts;
  }
}
