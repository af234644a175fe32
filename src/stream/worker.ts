import type { Broker, GroupConsumer } from "../broker/broker.ts";
import { CarmError, type RecordCodec } from "../records/index.ts";
import { resolveLimits, type StreamLimits } from "./limits.ts";
import { createStreamMetrics, type StreamMetrics } from "./metrics.ts";
import type { Processor } from "./processor.ts";
import type { StateStores } from "./state-store.ts";
import { changelogTopic, type StreamClock, type TaskContext } from "./task-context.ts";
import { TaskSlot } from "./task-slot.ts";
import { Ticker } from "./ticker.ts";

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
  /** Told of each failure after which a task is started again, for the log. */
  readonly onTaskFailure?: (partition: number, error: unknown) => void;
  /** Whether `run` writes the ticks of its partitions; in a replay or simulation the driver does. */
  readonly writesTicks?: boolean;
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
  /** Runs until the signal, then closes. Throws what no restart of a task can mend. */
  run(signal: AbortSignal): Promise<void>;
  /** Commits and flushes what the tasks have, then leaves the group. */
  close(): Promise<void>;
}

const systemClock: StreamClock = { monotonicMs: () => performance.now(), epochMs: () => Date.now() };

/** Longest wait of one read in `run`. */
const idlePollMs = 500;

/** The same while records wait for other inputs, or a task for its start. */
const heldPollMs = 10;

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
    writesTicks: options.writesTicks ?? false,
    onTaskFailure: options.onTaskFailure ?? (() => {}),
  };
  const ticker = context.writesTicks
    ? new Ticker(await broker.producer(), codec, context.clock, limits.tickIntervalMs)
    : undefined;
  return new GroupWorker(context, await broker.consumer(processor.name, processor.inputs), ticker);
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

interface Round {
  /** Records. */
  readonly processed: number;
  /** Every task has read, and there was nothing to read. */
  readonly isIdle: boolean;
}

class GroupWorker implements Worker {
  readonly #context: TaskContext;
  readonly #consumer: GroupConsumer;
  readonly #ticker: Ticker | undefined;
  readonly #slots = new Map<number, TaskSlot>();

  constructor(context: TaskContext, consumer: GroupConsumer, ticker: Ticker | undefined) {
    this.#context = context;
    this.#consumer = consumer;
    this.#ticker = ticker;
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
      const { processed, isIdle } = await this.#round(waitMs, true);
      total += processed;
      // That nothing came does not say that nothing is there: a real broker may not have answered yet.
      if (isIdle && (await this.#haveReadAll())) return total;
      waitMs = processed > 0 ? 0 : 1;
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.#ticker?.tick(this.running);
        await this.#round(this.#waitMs(), false);
      }
    } catch (error) {
      // What can't run can't commit either; the log holds all that counts.
      await this.#leave(false).catch(() => {});
      throw error;
    }
    await this.close();
  }

  async close(): Promise<void> {
    await this.#leave(true);
  }

  /** Closes everything, whatever fails on the way. Throws the first failure, unless it is only that another took over. */
  async #leave(flush: boolean): Promise<void> {
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    const closed = await Promise.allSettled([
      ...slots.map((slot) => slot.close(flush)),
      this.#ticker?.close(),
    ]);
    await this.#consumer.close();
    for (const result of closed) {
      const isFailure = result.status === "rejected" && !isFenced(result.reason);
      if (isFailure) throw result.reason;
    }
  }

  async #haveReadAll(): Promise<boolean> {
    const slots = [...this.#slots.values()];
    return (await Promise.all(slots.map((slot) => slot.hasReadAll()))).every(Boolean);
  }

  #waitMs(): number {
    const slots = [...this.#slots.values()];
    if (slots.some((slot) => slot.hasMore)) return 0;
    const waitMs = slots.every((slot) => slot.isIdle) ? idlePollMs : heldPollMs;
    return Math.min(waitMs, this.#ticker?.waitMs ?? waitMs);
  }

  /** One read, and at most one transaction a task. A driver awaits the start of its tasks. */
  async #round(maxWaitMs: number, isDriven: boolean): Promise<Round> {
    const reading = new Set([...this.#slots.values()].filter((slot) => slot.isRunning));
    const polled = await this.#consumer.poll(maxWaitMs);
    await this.#followAssignment();
    for (const record of polled.records) this.#slots.get(record.partition)?.accept(record);
    for (const position of polled.positions) this.#slots.get(position.partition)?.moved(position);
    const slots = [...this.#slots.values()];
    const advanced = await Promise.allSettled(slots.map((slot) => slot.advance(isDriven)));
    let processed = 0;
    for (const result of advanced) {
      if (result.status === "rejected") throw result.reason;
      processed += result.value;
    }
    const isIdle = polled.positions.length === 0 && slots.every((slot) => reading.has(slot) && slot.isIdle);
    return { processed, isIdle };
  }

  async #followAssignment(): Promise<void> {
    const { assignment } = this.#consumer;
    for (const [partition, slot] of this.#slots) {
      if (assignment.has(partition)) continue;
      this.#slots.delete(partition);
      await slot.close(false).catch((error) => this.#context.onTaskFailure(partition, error));
    }
    for (const partition of assignment) {
      if (this.#slots.has(partition)) continue;
      this.#slots.set(partition, new TaskSlot(this.#context, this.#consumer, partition));
    }
  }
}

function isFenced(error: unknown): boolean {
  return error instanceof CarmError && error.code === "ERR_PRODUCER_FENCED";
}
