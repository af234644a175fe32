import type { Broker, GroupConsumer, Polled } from "../broker/broker.ts";
import { CarmError, type RecordCodec } from "../records/index.ts";
import { resolveLimits, type StreamLimits } from "./limits.ts";
import { createStreamMetrics, type StreamMetrics } from "./metrics.ts";
import type { Processor } from "./processor.ts";
import type { StateStores } from "./state-store.ts";
import { changelogTopic, type StreamClock, type TaskContext } from "./task.ts";
import { TaskSlot } from "./task-slot.ts";

export interface WorkerOptions {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly processor: Processor;
  /** Where tasks keep their state on this machine; no two workers may share a folder. */
  readonly stores: StateStores;
  /** Names the log, on Kafka by cluster id and topic id: state of another log is never taken for this one's. */
  readonly logIdentity: string;
  readonly limits?: Partial<StreamLimits>;
  readonly metrics?: StreamMetrics;
  readonly clock?: StreamClock;
}

/** Runs a processor's tasks for the partitions that its group assigns to this member. */
export interface Worker {
  readonly metrics: StreamMetrics;
  /** Partitions whose tasks are running. */
  readonly running: readonly number[];
  /**
   * Reads once, waiting up to `maxWaitMs`, and lets each task commit at most one transaction. Returns the number of
   * records processed. Throws what no restart of a task can mend.
   */
  runOnce(maxWaitMs: number): Promise<number>;
  /** Processes and commits everything there is. Returns the number of records processed. */
  runUntilIdle(): Promise<number>;
  /** Runs until the signal, then closes. */
  run(signal: AbortSignal): Promise<void>;
  /** Commits and flushes what the tasks have, then leaves the group. */
  close(): Promise<void>;
}

const systemClock: StreamClock = { monotonicMs: () => performance.now(), epochMs: () => Date.now() };

/** Longest wait of one read in `run`. */
const pollMs = 500;

/** Joins the group named after the processor. Throws ERR_OPTION_INVALID if limits or partition counts don't fit. */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const { broker, codec, processor, stores, logIdentity } = options;
  const limits = resolveLimits(options.limits);
  if (processor.stateKinds.some((kind) => kind.name.startsWith("$"))) {
    throw new CarmError(
      "ERR_OPTION_INVALID",
      "Names of state kinds that start with $ belong to the runtime.",
    );
  }
  const context: TaskContext = {
    broker,
    codec,
    processor,
    stores,
    logIdentity,
    limits,
    partitions: await commonPartitionCount(broker, [...processor.inputs, changelogTopic]),
    metrics: options.metrics ?? createStreamMetrics(),
    clock: options.clock ?? systemClock,
  };
  return new GroupWorker(context, await broker.consumer(processor.name, processor.inputs));
}

/** A cluster's records of all topics must meet in one task. */
async function commonPartitionCount(broker: Broker, topics: readonly string[]): Promise<number> {
  const counts = await Promise.all(topics.map((topic) => broker.partitionCount(topic)));
  const partitions = counts[0]!;
  const odd = counts.findIndex((found) => found !== partitions);
  if (odd >= 0) {
    const message = `${topics[odd]} has ${counts[odd]} partitions, ${topics[0]} has ${partitions}; they must be equal.`;
    throw new CarmError("ERR_OPTION_INVALID", message);
  }
  return partitions;
}

class GroupWorker implements Worker {
  readonly #context: TaskContext;
  readonly #consumer: GroupConsumer;
  readonly #slots = new Map<number, TaskSlot>();

  constructor(context: TaskContext, consumer: GroupConsumer) {
    this.#context = context;
    this.#consumer = consumer;
  }

  get metrics(): StreamMetrics {
    return this.#context.metrics;
  }

  get running(): readonly number[] {
    return [...this.#slots.values()].filter((slot) => slot.isRunning).map((slot) => slot.partition);
  }

  async runOnce(maxWaitMs: number): Promise<number> {
    return (await this.#round(maxWaitMs, true)).processed;
  }

  async runUntilIdle(): Promise<number> {
    let total = 0;
    for (let waitMs = 0; ; ) {
      const { polled, processed } = await this.#round(waitMs, true);
      total += processed;
      const isIdle = polled.records.length === 0 && this.#slotsAre((slot) => slot.isIdle);
      if (isIdle) return total;
      waitMs = processed > 0 || polled.records.length > 0 ? 0 : 1;
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const hasWork = [...this.#slots.values()].some((slot) => slot.hasMore);
        await this.#round(hasWork ? 0 : this.#slotsAre((slot) => slot.isIdle) ? pollMs : heldPollMs, false);
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    await Promise.all(slots.map((slot) => slot.close(true)));
    await this.#consumer.close();
  }

  /** One read, and at most one transaction a task. `awaitStarts` makes the outcome depend on nothing but the log. */
  async #round(maxWaitMs: number, awaitStarts: boolean): Promise<{ polled: Polled; processed: number }> {
    const polled = await this.#consumer.poll(maxWaitMs);
    await this.#followAssignment();
    for (const record of polled.records) this.#slots.get(record.partition)?.accept(record);
    for (const position of polled.positions) this.#slots.get(position.partition)?.moved(position);
    const slots = [...this.#slots.values()];
    const counts = await Promise.all(slots.map((slot) => slot.advance(awaitStarts)));
    return { polled, processed: counts.reduce((sum, processed) => sum + processed, 0) };
  }

  async #followAssignment(): Promise<void> {
    const { assignment } = this.#consumer;
    for (const [partition, slot] of this.#slots) {
      if (assignment.has(partition)) continue;
      this.#slots.delete(partition);
      await slot.close(false);
    }
    for (const partition of assignment) {
      if (this.#slots.has(partition)) continue;
      this.#slots.set(partition, new TaskSlot(this.#context, this.#consumer, partition));
    }
  }

  #slotsAre(test: (slot: TaskSlot) => boolean): boolean {
    return [...this.#slots.values()].every(test);
  }
}

/** While records wait for other inputs, or a task for its restart. */
const heldPollMs = 10;
