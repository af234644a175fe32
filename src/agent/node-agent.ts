import type { Actuation, Decision } from "../records/index.ts";
import { CarmError } from "../records/index.ts";
import type { GpuActuator, ObservedGpu } from "./actuators/actuator.ts";
import { type AgentLimits, agentLimits } from "./agent-limits.ts";
import type { AgentStore, NodeMemory } from "./agent-store.ts";
import { BackOff } from "./back-off.ts";
import { Board, type BoardChange } from "./board.ts";
import { changeBoards, reportChange, reportLost } from "./board-changes.ts";
import { boardWish } from "./board-wish.ts";
import type { Clock } from "./clock.ts";
import type { DecisionFeed } from "./decision-feed.ts";
import type { Setpoint } from "./decision-view.ts";
import { Exclusive } from "./exclusive.ts";
import { Intake, type Pulled } from "./intake.ts";
import { Outbox, type Publish } from "./outbox.ts";
import { NextPass, type ReconcileResult } from "./reconcile-result.ts";
import { Reporter } from "./reporter.ts";
import { nextSequence } from "./sequence.ts";
import type { StopSwitch } from "./stop-switch.ts";
import { gpuSample } from "./telemetry.ts";

export interface NodeAgentOptions {
  readonly cluster: string;
  readonly node: string;
  readonly pool: string;
  readonly actuator: GpuActuator;
  readonly feed: DecisionFeed;
  readonly publish: Publish;
  readonly clock: Clock;
  readonly store: AgentStore<NodeMemory>;
  readonly stopSwitch?: StopSwitch;
  readonly limits?: Partial<AgentLimits>;
}

/** Keeps the clocks of one node's GPUs as decided. Its calls run one after the other. */
export interface NodeAgent {
  /**
   * Compares every board with what its tenants need and closes the difference. What goes wrong is reported, told in
   * the result and tried again; it throws ERR_STATE_CORRUPT only, if its memory can't be read.
   */
  reconcile(): Promise<ReconcileResult>;
  /** Publishes one sample of all GPUs. Throws what observing or publishing throws; the sample is lost then. */
  publishTelemetry(): Promise<void>;
  /** Takes back the boards that were left to somebody else. */
  reclaim(): void;
  /**
   * Releases every lock that the agent set and ends it. Throws ERR_ACTUATOR_FAILED if a lock stays; call it again then.
   */
  stop(): Promise<void>;
}

/** Throws ERR_OPTION_INVALID for a limit that can't be used. */
export function createNodeAgent(options: NodeAgentOptions): NodeAgent {
  return new LevelNodeAgent(options);
}

class LevelNodeAgent implements NodeAgent {
  readonly #options: NodeAgentOptions;
  readonly #limits: AgentLimits;
  readonly #exclusive = new Exclusive();
  readonly #outbox: Outbox<"carm.actuations">;
  readonly #reporter: Reporter;
  readonly #observing: BackOff;
  readonly #boards = new Map<string, Board>();
  #intake: Intake | null = null;
  #unsaved = false;
  #stopped = false;
  #telemetrySequence = 0;

  constructor(options: NodeAgentOptions) {
    this.#options = options;
    this.#limits = agentLimits(options.limits);
    this.#observing = new BackOff(this.#limits);
    this.#outbox = new Outbox("carm.actuations", options.publish, this.#limits.queuedRecordsMax);
    this.#reporter = new Reporter({ agent: options.node, clock: options.clock, outbox: this.#outbox });
  }

  reconcile(): Promise<ReconcileResult> {
    return this.#exclusive.run(async () => {
      if (this.#stopped) return { status: "terminal" };
      const intake = await this.#awake();
      const pulled = await intake.pull();
      const halted = (await this.#options.stopSwitch?.engaged()) ?? false;
      return await this.#pass(intake, pulled, halted);
    });
  }

  publishTelemetry(): Promise<void> {
    return this.#exclusive.run(async () => {
      const { cluster, node, pool, actuator, clock, publish } = this.#options;
      const observed = await actuator.observe();
      const gpus = observed.map((gpu) => gpuSample(gpu, this.#boards.get(gpu.uuid)?.yielded ?? false));
      const observedAt = clock.wallMs();
      this.#telemetrySequence = nextSequence(this.#telemetrySequence, observedAt);
      const sample = { cluster, observedAt, node, pool, sequence: this.#telemetrySequence, gpus };
      await publish("carm.gpu-telemetry", sample);
    });
  }

  reclaim(): void {
    for (const board of this.#boards.values()) board.reclaim();
  }

  stop(): Promise<void> {
    return this.#exclusive.run(async () => {
      this.#stopped = true;
      const intake = await this.#awake();
      const result = await this.#pass(intake, { changed: false, stale: [], error: null }, true);
      const locked = [...this.#boards.values()].filter((board) => board.mine.length > 0 && !board.lost);
      if (locked.length === 0) return await this.#options.store.save(this.#memory(intake));
      const message = `Still locked: ${locked.map((board) => board.uuid).join(", ")}. Reset their clocks by hand.`;
      const cause = result.status === "again" ? result.error : null;
      throw new CarmError("ERR_ACTUATOR_FAILED", message, { cause });
    });
  }

  async #awake(): Promise<Intake> {
    if (this.#intake !== null) return this.#intake;
    const { node, cluster, feed, clock, store } = this.#options;
    const memory = await store.load();
    for (const [uuid, locks] of memory?.locks ?? []) {
      this.#boards.set(uuid, new Board(uuid, this.#limits, locks));
    }
    const epochs = memory?.epochs ?? new Map();
    this.#intake = new Intake({ agent: node, cluster, feed, clock, limits: this.#limits, epochs });
    return this.#intake;
  }

  async #pass(intake: Intake, pulled: Pulled, halted: boolean): Promise<ReconcileResult> {
    const nowMs = this.#options.clock.monotonicMs();
    const next = new NextPass(nowMs);
    this.#unsaved ||= pulled.changed;
    if (pulled.error !== null) next.failed(pulled.error, nowMs + this.#limits.retryMinMs);
    const gpus = await this.#observe(nowMs, next);
    if (gpus !== null) {
      const changes = this.#judge(intake, gpus, halted, nowMs, next);
      await this.#close(intake, changes, nowMs, next);
      this.#reportStale(pulled.stale, gpus);
    }
    this.#reporter.endPass();
    try {
      await this.#outbox.flush();
    } catch (cause) {
      next.failed(cause, nowMs + this.#limits.retryMinMs);
    }
    return next.result();
  }

  async #observe(nowMs: number, next: NextPass): Promise<readonly ObservedGpu[] | null> {
    try {
      const gpus = await this.#options.actuator.observe();
      this.#observing.succeeded();
      return gpus;
    } catch (cause) {
      this.#observing.failed(nowMs);
      next.failed(cause, this.#observing.retryAtMs);
      return null;
    }
  }

  /** What must change. Reports what needs no change on the way. */
  #judge(
    intake: Intake,
    gpus: readonly ObservedGpu[],
    halted: boolean,
    nowMs: number,
    next: NextPass,
  ): readonly BoardChange[] {
    const { view } = intake;
    const changes: BoardChange[] = [];
    for (const gpu of gpus) {
      const board = this.#board(gpu.uuid);
      const wish = boardWish(gpu, view, nowMs);
      const { setpoints } = wish;
      for (const setpoint of setpoints) next.due(view.revertsAtMs(setpoint));
      board.setpoints = setpoints;
      board.lost = !gpu.healthy;
      if (board.lost) {
        reportLost(this.#reporter, board);
        continue;
      }
      const judgement = board.judge(gpu, halted ? { lockMhz: null, setpoints: [] } : wish, nowMs);
      const lockMhz = halted ? null : wish.lockMhz;
      if (judgement === "change") changes.push({ board, gpu, lockMhz, setpoints, halted });
      else if (judgement === "wait") next.due(board.backOff.retryAtMs);
      else if (judgement === "foreign") this.#reportForeign(gpu, setpoints);
      else this.#reportSettled(intake, gpu, board, halted, nowMs);
    }
    if (this.#boards.size > gpus.length) this.#reportVanished(gpus);
    return changes;
  }

  async #close(
    intake: Intake,
    changes: readonly BoardChange[],
    nowMs: number,
    next: NextPass,
  ): Promise<void> {
    for (const change of changes) change.board.intend(change);
    this.#unsaved ||= changes.length > 0;
    if (this.#unsaved) await this.#save(intake, nowMs, next);
    // A lock that no file knows of could not be told from somebody else's after a crash.
    const allowed = this.#unsaved ? changes.filter((change) => change.lockMhz === null) : changes;
    if (allowed.length === 0) return;
    const { actuator } = this.#options;
    await changeBoards({ actuator, view: intake.view, reporter: this.#reporter, nowMs, next }, allowed);
    // What was possible before is now known: the next pass stores it.
    this.#unsaved = true;
  }

  async #save(intake: Intake, nowMs: number, next: NextPass): Promise<void> {
    try {
      await this.#options.store.save(this.#memory(intake));
      this.#unsaved = false;
    } catch (cause) {
      next.failed(cause, nowMs + this.#limits.retryMinMs);
    }
  }

  #memory(intake: Intake): NodeMemory {
    const locks = new Map<string, readonly number[]>();
    for (const { uuid, mine } of this.#boards.values()) if (mine.length > 0) locks.set(uuid, mine);
    return { epochs: intake.view.epochs, locks };
  }

  #board(uuid: string): Board {
    const known = this.#boards.get(uuid);
    if (known !== undefined) return known;
    const board = new Board(uuid, this.#limits, []);
    this.#boards.set(uuid, board);
    return board;
  }

  #reportSettled(intake: Intake, gpu: ObservedGpu, board: Board, halted: boolean, nowMs: number): void {
    const smClockMhz = gpu.lockedSmClockMhz;
    if (board.pending !== null) {
      reportChange(this.#reporter, intake.view, board.pending, smClockMhz, nowMs);
      board.answered(board.pending, smClockMhz);
    }
    if (halted) return;
    this.#reportOverruled(gpu, board.setpoints);
    for (const setpoint of board.setpoints) {
      const { decision } = setpoint;
      if (this.#reporter.knows(decision)) continue;
      if (intake.view.standing(setpoint, nowMs) === "lease-over") continue;
      const unlockable = decision.smClockMhz !== null && gpu.supportedSmClocksMhz.length === 0;
      const detail = unlockable ? `ERR_ACTUATOR_FAILED ${gpu.uuid}: the device has no clocks to lock.` : "";
      this.#report(decision, unlockable ? "failed" : "unchanged", smClockMhz, detail);
    }
  }

  /** A lock is a request: power and heat go first. It stays in force, and is followed again once they allow it. */
  #reportOverruled(gpu: ObservedGpu, setpoints: readonly Setpoint[]): void {
    const { uuid, overruledBy, smClockMhz, lockedSmClockMhz } = gpu;
    if (overruledBy === undefined) return;
    const detail = `${uuid} ${overruledBy}: holds the clock at ${smClockMhz} MHz, below the lock of ${lockedSmClockMhz} MHz.`;
    for (const { decision } of setpoints) this.#report(decision, "overridden", smClockMhz, detail);
  }

  #reportForeign(gpu: ObservedGpu, setpoints: readonly Setpoint[]): void {
    const detail = `${gpu.uuid}: somebody else set its clocks; it is left alone until it is reclaimed.`;
    for (const { decision } of setpoints) {
      this.#report(decision, "overridden", gpu.lockedSmClockMhz, detail);
    }
  }

  #reportStale(stale: readonly Decision[], gpus: readonly ObservedGpu[]): void {
    for (const decision of stale) {
      const { kind, id } = decision.target;
      const gpu = gpus.find(({ tenants }) =>
        tenants.some((tenant) => tenant.kind === kind && tenant.id === id),
      );
      if (gpu !== undefined) this.#report(decision, "stale", gpu.lockedSmClockMhz, "");
    }
  }

  #reportVanished(gpus: readonly ObservedGpu[]): void {
    const present = new Set(gpus.map(({ uuid }) => uuid));
    for (const board of this.#boards.values()) {
      if (present.has(board.uuid)) continue;
      board.lost = true;
      reportLost(this.#reporter, board);
    }
  }

  #report(decision: Decision, result: Actuation["result"], smClockMhz: number | null, detail: string): void {
    this.#reporter.add(decision, { result, smClockMhz, workers: null, detail });
  }
}
