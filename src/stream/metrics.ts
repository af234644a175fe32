/** How far a task is behind the end of its inputs. */
export interface Lag {
  /** Offsets not taken yet; some of them may hold no record. */
  readonly records: number;
  /** Between the newest time known and the append time of the record taken last. */
  readonly ms: number;
}

/** What the runtime counts. Plain numbers that a caller reads at any time; all but the lags only grow. */
export interface StreamMetrics {
  /** By partition owned, as seen every `lagIntervalMs`. */
  readonly lagByPartition: Record<string, Lag>;
  /** Told of each committed transaction how long it took from the first step to the commit; for a histogram. */
  onTransaction: (ms: number) => void;
  /** Records taken, by input topic. */
  readonly recordsByTopic: Record<string, number>;
  /** Records that counted, but came too late for a decision. */
  recordsBehind: number;
  /** By ERR_ code. */
  readonly deadLettersByReason: Record<string, number>;
  /** By why the local store was, or was not, good enough to start from. */
  readonly restoresByReason: Record<string, number>;
  /** Changelog records read to restore state, their bytes, and the time that took. */
  restoredEntries: number;
  restoredBytes: number;
  restoreMs: number;
  /** Misplaced records sent on to their own partition. */
  rerouted: number;
  quarantines: number;
  commits: number;
  /** Transactions that did not take effect, or may not have. */
  aborts: number;
  fenced: number;
  taskRestarts: number;
  inputBytes: number;
  outputRecords: number;
  changelogRecords: number;
  changelogBytes: number;
  /** Write batches to local stores. */
  flushes: number;
}

export function createStreamMetrics(): StreamMetrics {
  return {
    lagByPartition: {},
    onTransaction: () => {},
    recordsByTopic: {},
    recordsBehind: 0,
    deadLettersByReason: {},
    restoresByReason: {},
    restoredEntries: 0,
    restoredBytes: 0,
    restoreMs: 0,
    rerouted: 0,
    quarantines: 0,
    commits: 0,
    aborts: 0,
    fenced: 0,
    taskRestarts: 0,
    inputBytes: 0,
    outputRecords: 0,
    changelogRecords: 0,
    changelogBytes: 0,
    flushes: 0,
  };
}

/** Adds to one labelled counter. */
export function count(counters: Record<string, number>, label: string, by = 1): void {
  counters[label] = (counters[label] ?? 0) + by;
}
