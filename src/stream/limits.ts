import { CarmError } from "../records/index.ts";

/** Every limit of the stream runtime: a whole number, with its unit last in the name. */
export interface StreamLimits {
  /** Input records that one transaction takes. */
  readonly maxRecordsPerTransaction: number;
  /** Records of one input held in memory by a task before the input is paused. */
  readonly maxBufferedRecordsPerInput: number;
  /** How long a received record waits for an input that is empty but not read to its end. */
  readonly mergeWaitMs: number;
  /** How far a task may be behind the newest time it knows of and still decide. Must be well below every lease. */
  readonly maxDecisionLagMs: number;
  /** Key, value and headers of one record, in and out; below the broker's `message.max.bytes` with room for an envelope. */
  readonly maxRecordBytes: number;
  /** Clusters that one partition may hold. */
  readonly maxClustersPerPartition: number;
  /** Decoded state entries that a task keeps in the heap between transactions. */
  readonly maxCachedEntries: number;
  /** Transactions between two writes to the local store. */
  readonly maxCommitsPerFlush: number;
  /** Committed entries that may wait for the local store. */
  readonly maxUnflushedEntries: number;
  /** Age at which local state is rebuilt in full. Must be below the changelog's `delete.retention.ms`. */
  readonly maxLocalStateAgeMs: number;
  /** How long moved positions may wait for a commit if no record came with them. */
  readonly positionCommitIntervalMs: number;
  /** Time between two looks at how far a task is behind. */
  readonly lagIntervalMs: number;
  /** Failures of a task with no success between them, after which its worker gives up. */
  readonly maxTaskFailuresInARow: number;
  /** How long a failed task of a live worker rests before it is started again. */
  readonly taskRestartDelayMs: number;
  /** Time between two ticks of a live partition. */
  readonly tickIntervalMs: number;
  /** Longest wait of one read while state is restored. */
  readonly restorePollMs: number;
}

const dayMs = 86_400_000;

export const defaultLimits: StreamLimits = {
  maxRecordsPerTransaction: 1_000,
  maxBufferedRecordsPerInput: 5_000,
  mergeWaitMs: 200,
  maxDecisionLagMs: 60_000,
  maxRecordBytes: 900_000,
  maxClustersPerPartition: 1_000,
  maxCachedEntries: 100_000,
  maxCommitsPerFlush: 50,
  maxUnflushedEntries: 10_000,
  maxLocalStateAgeMs: 6 * dayMs,
  positionCommitIntervalMs: 30_000,
  lagIntervalMs: 5_000,
  maxTaskFailuresInARow: 60,
  taskRestartDelayMs: 1_000,
  tickIntervalMs: 1_000,
  restorePollMs: 500,
};

const mayBeZero: ReadonlySet<string> = new Set(["mergeWaitMs", "taskRestartDelayMs"]);

/** Fills in the defaults. Throws ERR_OPTION_INVALID for a value that is not a whole number in range. */
export function resolveLimits(given: Partial<StreamLimits> = {}): StreamLimits {
  const limits = { ...defaultLimits, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultLimits, name)) {
      throw new CarmError("ERR_OPTION_INVALID", `There is no limit ${name}; leave it out.`);
    }
    const least = mayBeZero.has(name) ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new CarmError("ERR_OPTION_INVALID", `${name} is ${value}; give a whole number from ${least} up.`);
    }
  }
  return limits;
}
