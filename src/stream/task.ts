import type { IncomingRecord, Position, TopicPartition, TransactionalProducer } from "../broker/broker.ts";
import { assert, type TopicName } from "../records/index.ts";
import { Admission } from "./admission.ts";
import { type BatchContext, type BatchResult, runBatch } from "./batch.ts";
import { Clusters } from "./clusters.ts";
import { incarnationOf, nextIncarnation } from "./incarnation.ts";
import { LogTime } from "./log-time.ts";
import { Merge, type Taken } from "./merge.ts";
import { count } from "./metrics.ts";
import { Outgoing } from "./outgoing.ts";
import { encodeHeader, type RestoreReason, restore, type StoreIdentity } from "./restore.ts";
import type { StateStore } from "./state-store.ts";
import { changelogTopic, type TaskContext } from "./task-context.ts";
import { taskStateKinds } from "./task-kinds.ts";
import { TaskLifecycle, type TaskPhase } from "./task-lifecycle.ts";
import { TaskState } from "./task-state.ts";
import { countTransaction, transactionRecords } from "./transaction.ts";

/** Everything that exists only from the end of `start` on. */
interface Started {
  readonly producer: TransactionalProducer;
  readonly state: TaskState;
  readonly batch: BatchContext;
}

/**
 * Runs a processor on one partition of all inputs. Whoever drives it gives it records and calls `process`; after any
 * error it must be closed, and a new task started in its place.
 */
export class Task {
  readonly partition: number;
  readonly #context: TaskContext;
  readonly #inputs: readonly TopicName[];
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #lifecycle = new TaskLifecycle();
  readonly #merge: Merge;
  readonly #identity: StoreIdentity;
  /** What has to be given back, however far the start came. */
  #producer: TransactionalProducer | undefined;
  #store: StateStore | undefined;
  #started: Started | undefined;
  /** By rank: how far the log was read, and what was last committed. */
  readonly #read: number[] = [];
  readonly #committed: number[] = [];
  /** Whether something was read since the ends of the inputs were last asked for. */
  #endsAreStale = true;
  readonly #time: LogTime;
  /** Append time of the record taken last. */
  #takenUpTo = Number.POSITIVE_INFINITY;
  #lagDueAtMs = 0;
  #commits = 0;
  #commitsSinceFlush = 0;
  #committedAtMs = 0;

  constructor(context: TaskContext, partition: number) {
    const { processor, limits, codec, clock, writesTicks, logIdentity: log } = context;
    this.partition = partition;
    this.#context = context;
    this.#inputs = processor.inputs;
    this.#ranks = new Map(processor.inputs.map((topic, rank) => [topic, rank]));
    this.#merge = new Merge(processor.inputs.length, limits.mergeWaitMs);
    this.#identity = { log, topic: changelogTopic, partition };
    this.#time = new LogTime(codec, () => clock.epochMs(), writesTicks);
  }

  get phase(): TaskPhase {
    return this.#lifecycle.phase;
  }

  get inputs(): readonly TopicPartition[] {
    return this.#inputs.map((topic) => ({ topic, partition: this.partition }));
  }

  /** Records received and not yet taken. */
  get buffered(): number {
    return this.#merge.length;
  }

  bufferedOf(rank: number): number {
    return this.#merge.lengthOf(rank);
  }

  /**
   * Fences older owners, then reads the committed positions, then restores the state; in any other order it could
   * read what an older owner is about to change. Returns where each input goes on.
   */
  async start(rebuild?: RestoreReason): Promise<Position[]> {
    const { broker, processor, stores, limits, metrics, clock, codec, partitions } = this.#context;
    const { partition } = this;
    this.#lifecycle.moveTo("fencing");
    const producer = await broker.transactionalProducer(`${processor.name}-${partition}`);
    this.#producer = producer;
    const committed = await broker.committedPositions(processor.name, this.inputs);
    this.#lifecycle.moveTo("restoring");
    const startedAtMs = clock.monotonicMs();
    const { store, reason, entries, bytes } = await restore({
      broker,
      stores,
      name: `${processor.name}/${partition}`,
      identity: this.#identity,
      maxLocalStateAgeMs: limits.maxLocalStateAgeMs,
      pollMs: limits.restorePollMs,
      epochMs: clock.epochMs,
      ...(rebuild === undefined ? {} : { rebuild }),
    });
    this.#store = store;
    count(metrics.restoresByReason, reason);
    metrics.restoredEntries += entries;
    metrics.restoredBytes += bytes;
    metrics.restoreMs += clock.monotonicMs() - startedAtMs;
    const state = new TaskState(store, taskStateKinds(processor), limits);
    const batch: BatchContext = {
      processor,
      codec,
      admission: new Admission(codec, partition, partitions, limits.maxRecordBytes),
      outgoing: new Outgoing(codec, partition, limits.maxRecordBytes),
      state,
      clusters: new Clusters(state, limits.maxClustersPerPartition),
      incarnation: incarnationOf(state) ?? (await nextIncarnation(broker, codec, processor, partition)),
      stateIsFromLog: () => reason !== "tail" && this.#commits === 0,
    };
    this.#started = { producer, state, batch };
    this.#lifecycle.moveTo("restored");
    return this.#goOnFrom(committed);
  }

  #goOnFrom(committed: readonly Position[]): Position[] {
    return this.#inputs.map((topic, rank) => {
      const offset = committed.find((position) => position.topic === topic)?.offset ?? 0;
      this.#read[rank] = offset;
      this.#committed[rank] = offset;
      return { topic, partition: this.partition, offset };
    });
  }

  /** The consumer reads from where `start` said. */
  run(): void {
    this.#lifecycle.moveTo("running");
    this.#committedAtMs = this.#context.clock.monotonicMs();
  }

  /** Takes over a record that was read; those of one input in offset order. */
  accept(record: IncomingRecord): void {
    this.#merge.push(this.#ranks.get(record.topic)!, record, this.#context.clock.monotonicMs());
    if (record.topic === "carm.ticks") this.#time.observe(record);
    this.#endsAreStale = true;
  }

  /** Notes how far an input was read, also where no record was visible. */
  moved(position: Position): void {
    this.#read[this.#ranks.get(position.topic)!] = position.offset;
    this.#endsAreStale = true;
  }

  /**
   * Takes what the merge gives, up to the limit, and commits it in one transaction. Returns how many records that
   * were: 0 if there are none, or if they have to wait for other inputs.
   */
  async process(): Promise<number> {
    await this.#watchLag();
    const startedAtMs = this.#context.clock.monotonicMs();
    const taken = await this.#take();
    if (taken.length === 0) {
      const { clock, limits } = this.#context;
      const isDue = clock.monotonicMs() - this.#committedAtMs >= limits.positionCommitIntervalMs;
      const hasMoved = () => this.#positions().some(({ offset }, rank) => offset > this.#committed[rank]!);
      if (isDue && hasMoved()) await this.#commit([], undefined);
      return 0;
    }
    const result = await runBatch(this.#started!.batch, taken, this.#decidesFrom());
    await this.#commit(taken, result);
    this.#takenUpTo = taken.at(-1)!.record.timestamp;
    this.#context.metrics.onTransaction(this.#context.clock.monotonicMs() - startedAtMs);
    return taken.length;
  }

  /** Whether the inputs hold nothing that was not read. */
  async hasReadAll(): Promise<boolean> {
    const ends = await this.#context.broker.endPositions(this.inputs);
    return ends.every(({ offset }, rank) => this.#read[rank]! >= offset);
  }

  /** Gives everything back. `flush` first commits and writes the local store, so that the next start reads less. */
  async close(flush = false): Promise<void> {
    const { phase } = this;
    if (phase === "closed") return;
    try {
      if (flush && phase === "running" && this.#started!.state.unflushedEntries > 0) {
        this.#commitsSinceFlush = this.#context.limits.maxCommitsPerFlush;
        await this.#commit([], undefined);
      }
    } finally {
      this.#lifecycle.moveTo("closed");
      delete this.#context.metrics.lagByPartition[this.partition];
      try {
        await this.#producer?.close();
      } finally {
        await this.#store?.close();
      }
    }
  }

  async #take(): Promise<Taken[]> {
    const { limits, clock, broker } = this.#context;
    const taken: Taken[] = [];
    this.#merge.take(limits.maxRecordsPerTransaction, clock.monotonicMs(), taken);
    const isHeld = this.#merge.length > 0 && taken.length < limits.maxRecordsPerTransaction;
    if (!isHeld || !this.#endsAreStale) return taken;
    const ends = await broker.endPositions(this.inputs);
    for (let rank = 0; rank < ends.length; rank++) {
      if (this.#read[rank]! >= ends[rank]!.offset) this.#merge.markDrained(rank);
    }
    this.#endsAreStale = false;
    this.#merge.take(limits.maxRecordsPerTransaction, clock.monotonicMs(), taken);
    return taken;
  }

  /** Records appended before this time are too old to decide anything by. */
  #decidesFrom(): number {
    return Math.max(0, this.#time.newestMs - this.#context.limits.maxDecisionLagMs);
  }

  /** Looks, from time to time, how far this task is behind. */
  async #watchLag(): Promise<void> {
    const { broker, clock, limits, metrics } = this.#context;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#lagDueAtMs) return;
    this.#lagDueAtMs = nowMs + limits.lagIntervalMs;
    const ends = await broker.endPositions(this.inputs);
    let records = 0;
    for (const [rank, { offset }] of this.#positions().entries()) {
      records += Math.max(0, ends[rank]!.offset - offset);
    }
    const ms = records === 0 ? 0 : Math.max(0, this.#time.newestMs - this.#takenUpTo);
    metrics.lagByPartition[this.partition] = { records, ms };
  }

  /** Outputs, changes of state, positions and interleaving take effect together, or not at all. */
  async #commit(taken: readonly Taken[], result: BatchResult | undefined): Promise<void> {
    const { broker, processor, limits, metrics, clock } = this.#context;
    const { producer, state, batch } = this.#started!;
    const flushes =
      this.#commitsSinceFlush + 1 >= limits.maxCommitsPerFlush ||
      state.unflushedEntries + (result?.changes.length ?? 0) >= limits.maxUnflushedEntries;
    this.#lifecycle.moveTo("committing");
    let flushPosition = 0;
    try {
      // Asked for before the commit: if that succeeds, nobody else can have written before this position.
      if (flushes) flushPosition = (await broker.endPositions([this.#identity]))[0]!.offset;
      // A transaction without records still has positions: an empty one would not show whether we are fenced.
      const positions = this.#positions().filter(
        ({ offset }, rank) => result === undefined || offset > this.#committed[rank]!,
      );
      producer.begin();
      if (result !== undefined) {
        const inputs = this.#inputs.length;
        await producer.send(transactionRecords(taken, result, batch, this.partition, inputs));
      }
      if (positions.length > 0) await producer.sendPositions(processor.name, positions);
      await producer.commit();
      for (const { topic, offset } of positions) this.#committed[this.#ranks.get(topic)!] = offset;
      state.committed();
      this.#commits += 1;
      this.#commitsSinceFlush += 1;
      this.#committedAtMs = clock.monotonicMs();
    } catch (error) {
      metrics.aborts += 1;
      throw error;
    }
    this.#lifecycle.moveTo("running");
    metrics.commits += 1;
    if (result !== undefined) countTransaction(metrics, taken, result);
    if (flushes) this.#flush(state, flushPosition);
  }

  #flush(state: TaskState, position: number): void {
    state.flush(encodeHeader(this.#identity, position, this.#context.clock.epochMs()));
    this.#commitsSinceFlush = 0;
    this.#context.metrics.flushes += 1;
  }

  /** Where each input goes on, by rank. */
  #positions(): Position[] {
    return this.#inputs.map((topic, rank) => {
      const offset = this.#merge.nextOffset(rank) ?? this.#read[rank]!;
      assert(offset >= this.#committed[rank]!, "A position can't go back.");
      return { topic, partition: this.partition, offset };
    });
  }
}
