import type { OutgoingRecord } from "../broker/broker.ts";
import { CarmError, type RecordCodec } from "../records/index.ts";
import type { Admission, Admitted } from "./admission.ts";
import { BatchAttempt, StepFailure } from "./batch-attempt.ts";
import type { Clusters } from "./clusters.ts";
import type { Taken } from "./merge.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Processor } from "./processor.ts";
import { EncodeFailure } from "./state-group.ts";
import type { StoreWrite } from "./state-store.ts";
import type { TaskState } from "./task-state.ts";

/** What processing a batch needs, the same for the life of a task. */
export interface BatchContext {
  readonly processor: Processor;
  readonly codec: RecordCodec;
  readonly admission: Admission;
  readonly outgoing: Outgoing;
  readonly state: TaskState;
  readonly clusters: Clusters;
  readonly incarnation: number;
  /** Whether the state has just been read from the log in full, so that reading it again can't help. */
  readonly stateIsFromLog: () => boolean;
}

/** What one transaction has to write, apart from positions. */
export interface BatchResult {
  /** Records appended before this time were too late to decide anything. */
  readonly decidesFrom: number;
  readonly outputs: readonly OutgoingRecord[];
  readonly changes: readonly StoreWrite[];
  readonly tally: BatchTally;
}

export interface BatchTally {
  readonly deadLettersByReason: Record<string, number>;
  rerouted: number;
  quarantines: number;
}

/** The steps that failed in earlier attempts, by place in the batch and cluster. */
export class FailedSteps {
  readonly #failures = new Map<string, StepFailure[]>();

  /** Throws the failure itself if it is no news: then leaving it out did not help. */
  note(failure: StepFailure): void {
    const key = `${failure.index} ${failure.cluster}`;
    const earlier = this.#failures.get(key) ?? [];
    if (earlier.length === 2) throw failure;
    this.#failures.set(key, [...earlier, failure]);
  }

  /** The failure of the step and, if its release failed as well, of that. */
  at(index: number, cluster: string): readonly StepFailure[] {
    return this.#failures.size === 0 ? none : (this.#failures.get(`${index} ${cluster}`) ?? none);
  }
}

const none: readonly StepFailure[] = [];

/**
 * Runs the steps of a batch. If one throws, the state goes back to the last commit and the batch runs again without
 * that step: values may have been changed in place, so there is nothing smaller to undo. Steps are pure, so the
 * others give the same results as before.
 */
export async function runBatch(
  context: BatchContext,
  taken: readonly Taken[],
  decidesFrom: number,
): Promise<BatchResult> {
  const failedSteps = new FailedSteps();
  const refused = new Map<number, Admitted>();
  for (;;) {
    const admitted = await admitAll(context.admission, taken, refused);
    const attempt = new BatchAttempt(context, taken, admitted, failedSteps, decidesFrom);
    try {
      const outputs = attempt.run();
      return { decidesFrom, outputs, changes: context.state.changes(), tally: attempt.tally };
    } catch (error) {
      context.state.abort();
      failedSteps.note(asStepFailure(error, attempt));
    }
  }
}

/** Learning a schema is the only thing here that waits. */
async function admitAll(
  admission: Admission,
  taken: readonly Taken[],
  refused: Map<number, Admitted>,
): Promise<Admitted[]> {
  const admitted: Admitted[] = [];
  for (let i = 0; i < taken.length; i++) {
    const { record } = taken[i]!;
    let outcome: Admitted | null | undefined = refused.get(i) ?? admission.admit(record);
    if (outcome === null) {
      outcome = (await admission.learn(record)) ?? admission.admit(record);
      if (outcome === null)
        throw new CarmError("ERR_INTERNAL", `A schema of ${record.topic} was learnt in vain.`);
      if (outcome.fate === "reject") refused.set(i, outcome);
    }
    admitted.push(outcome);
  }
  return admitted;
}

function asStepFailure(error: unknown, attempt: BatchAttempt): StepFailure {
  if (error instanceof StepFailure) return error;
  // An entry that can't be encoded was put by some step of its cluster; which one is not known.
  if (error instanceof EncodeFailure && attempt.firstStepOf(error.cluster) !== undefined) {
    return new StepFailure(attempt.firstStepOf(error.cluster)!, error.cluster, error);
  }
  throw error;
}
