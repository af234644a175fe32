import type { GroupConsumer, IncomingRecord, Position } from "../broker/broker.ts";
import { assert, CarmError, type ErrorCode } from "../records/index.ts";
import type { RestoreReason } from "./restore.ts";
import { Task } from "./task.ts";
import type { TaskContext } from "./task-context.ts";

/** Failures that would only come again if the task were started anew. */
const fatal: ReadonlySet<ErrorCode> = new Set([
  "ERR_BROKER_CLOSED",
  "ERR_INTERNAL",
  "ERR_OPTION_INVALID",
  "ERR_STATE_VERSION",
  "ERR_TOPIC_UNKNOWN",
]);

/** An assigned partition: keeps one task on it, and starts another when that one fails. */
export class TaskSlot {
  readonly partition: number;
  readonly #context: TaskContext;
  readonly #consumer: GroupConsumer;
  #task: Task;
  #starting: Promise<readonly Position[]> | undefined;
  #startIsSettled = false;
  #failuresInARow = 0;
  #restartAtMs = 0;
  #rebuild: RestoreReason | undefined;
  readonly #pausedRanks = new Set<number>();
  #tookLast = 0;

  constructor(context: TaskContext, consumer: GroupConsumer, partition: number) {
    this.partition = partition;
    this.#context = context;
    this.#consumer = consumer;
    this.#task = new Task(context, partition);
  }

  get isRunning(): boolean {
    return this.#task.phase === "running";
  }

  /** Nothing is left to do until more is read. */
  get isIdle(): boolean {
    return this.isRunning && this.#task.buffered === 0;
  }

  /** Whether the inputs hold nothing that was not read. */
  hasReadAll(): Promise<boolean> {
    return this.#task.hasReadAll();
  }

  /** Records are at hand and need not wait. */
  get hasMore(): boolean {
    return this.isRunning && this.#tookLast > 0 && this.#task.buffered > 0;
  }

  /** Records read before the task runs are dropped: it starts by moving the consumer to where it goes on. */
  accept(record: IncomingRecord): void {
    if (this.isRunning) this.#task.accept(record);
  }

  moved(position: Position): void {
    if (this.isRunning) this.#task.moved(position);
  }

  /**
   * Starts or restarts the task, otherwise lets it commit one transaction; returns its records. For a driver a start
   * is over when this returns, and a failed task need not rest. Throws what no restart can mend.
   */
  async advance(isDriven: boolean): Promise<number> {
    assert(this.#task.phase !== "closed", "This worker has given up; close it.");
    try {
      if (this.isRunning) {
        this.#tookLast = await this.#task.process();
        if (this.#tookLast > 0 || this.#task.buffered === 0) this.#failuresInARow = 0;
        this.#controlFlow();
        return this.#tookLast;
      }
      const isRested = isDriven || this.#context.clock.monotonicMs() >= this.#restartAtMs;
      if (this.#task.phase === "created" && isRested) this.#start();
      if (this.#starting !== undefined && (isDriven || this.#startIsSettled)) await this.#run();
    } catch (error) {
      await this.#fail(error);
    }
    return 0;
  }

  async close(flush: boolean): Promise<void> {
    // A start can't be interrupted, only undone.
    await this.#starting?.catch(() => {});
    await this.#task.close(flush);
  }

  #start(): void {
    this.#starting = this.#task.start(this.#rebuild);
    this.#startIsSettled = false;
    const settled = () => {
      this.#startIsSettled = true;
    };
    this.#starting.then(settled, settled);
  }

  async #run(): Promise<void> {
    const positions = await this.#starting!;
    this.#starting = undefined;
    this.#rebuild = undefined;
    this.#pausedRanks.clear();
    for (const position of positions) this.#consumer.seek(position);
    this.#consumer.resume(this.#task.inputs);
    this.#task.run();
  }

  async #fail(error: unknown): Promise<void> {
    const { metrics, clock, limits, onTaskFailure } = this.#context;
    const code = error instanceof CarmError ? error.code : undefined;
    this.#consumer.pause(this.#task.inputs);
    this.#starting = undefined;
    this.#tookLast = 0;
    // What goes wrong on the way out is not the cause, and shows again at the next start if it matters.
    await this.#task.close().catch(() => {});
    this.#failuresInARow += 1;
    const isHopeless = this.#failuresInARow >= limits.maxTaskFailuresInARow;
    if (isHopeless || (code !== undefined && fatal.has(code))) throw error;
    onTaskFailure(this.partition, error);
    if (code === "ERR_PRODUCER_FENCED") metrics.fenced += 1;
    if (code === "ERR_STATE_CORRUPT") this.#rebuild = "corrupt";
    metrics.taskRestarts += 1;
    this.#task = new Task(this.#context, this.partition);
    this.#restartAtMs = clock.monotonicMs() + limits.taskRestartDelayMs;
  }

  /** Pauses inputs that have enough in memory, so that the others can catch up. */
  #controlFlow(): void {
    const most = this.#context.limits.maxBufferedRecordsPerInput;
    if (this.#pausedRanks.size === 0 && this.#task.buffered <= most) return;
    const { inputs } = this.#task;
    for (let rank = 0; rank < inputs.length; rank++) {
      const length = this.#task.bufferedOf(rank);
      if (length > most && !this.#pausedRanks.has(rank)) {
        this.#pausedRanks.add(rank);
        this.#consumer.pause([inputs[rank]!]);
      } else if (length <= most / 2 && this.#pausedRanks.delete(rank)) this.#consumer.resume([inputs[rank]!]);
    }
  }
}
