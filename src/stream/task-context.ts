import type { Broker } from "../broker/broker.ts";
import type { RecordCodec } from "../records/index.ts";
import type { StreamLimits } from "./limits.ts";
import type { StreamMetrics } from "./metrics.ts";
import type { Processor } from "./processor.ts";
import type { StateStores } from "./state-store.ts";

/** Where every change of state is written before it counts. */
export const changelogTopic = "carm.changelog";

export interface StreamClock {
  /** Only differences count; never goes back. */
  monotonicMs(): number;
  epochMs(): number;
}

/** What all tasks of a worker share. */
export interface TaskContext {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly processor: Processor;
  readonly stores: StateStores;
  /** Names the log; local state of another log is not used. */
  readonly logIdentity: string;
  /** Partitions of every topic. */
  readonly partitions: number;
  readonly limits: StreamLimits;
  readonly metrics: StreamMetrics;
  readonly clock: StreamClock;
  /** Whether this worker writes the ticks of its partitions, so that its clock is the log's time. */
  readonly writesTicks: boolean;
  /** Told of each failure that a restart of the task may mend. */
  readonly onTaskFailure: (partition: number, error: unknown) => void;
}
