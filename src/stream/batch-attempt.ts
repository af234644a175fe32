import type { IncomingRecord, OutgoingRecord } from "../broker/broker.ts";
import { assert, CarmError, validateRecord } from "../records/index.ts";
import type { Admitted } from "./admission.ts";
import type { BatchContext, BatchTally, FailedSteps } from "./batch.ts";
import { resumeHeader } from "./headers.ts";
import { keepIncarnation } from "./incarnation.ts";
import type { Taken } from "./merge.ts";
import { count } from "./metrics.ts";
import { type Rejection, reroute } from "./outgoing.ts";
import type { StepOutput, StepRecord } from "./processor.ts";

/** A step, or the release after it, that threw. */
export class StepFailure extends Error {
  /** Place of its record in the batch. */
  readonly index: number;
  readonly cluster: string;

  constructor(index: number, cluster: string, cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
    this.index = index;
    this.cluster = cluster;
  }
}

type Value = Extract<Admitted, { fate: "step" }>["value"];

/** One run through the records of a batch. Changes the state; the caller undoes that if it throws. */
export class BatchAttempt {
  readonly tally: BatchTally = { deadLettersByReason: {}, rerouted: 0, quarantines: 0 };
  readonly #context: BatchContext;
  readonly #taken: readonly Taken[];
  readonly #admitted: readonly Admitted[];
  readonly #failedSteps: FailedSteps;
  readonly #decidesFrom: number;
  readonly #outputs: OutgoingRecord[] = [];
  readonly #firstSteps = new Map<string, number>();

  constructor(
    context: BatchContext,
    taken: readonly Taken[],
    admitted: readonly Admitted[],
    failedSteps: FailedSteps,
    decidesFrom: number,
  ) {
    this.#context = context;
    this.#taken = taken;
    this.#admitted = admitted;
    this.#failedSteps = failedSteps;
    this.#decidesFrom = decidesFrom;
  }

  /** Place in the batch of the first step of a cluster. */
  firstStepOf(cluster: string): number | undefined {
    return this.#firstSteps.get(cluster);
  }

  run(): OutgoingRecord[] {
    keepIncarnation(this.#context.state, this.#context.incarnation);
    for (let i = 0; i < this.#taken.length; i++) {
      const { record } = this.#taken[i]!;
      const admitted = this.#admitted[i]!;
      if (admitted.fate === "reject") this.#reject(record, admitted.rejection);
      else if (admitted.fate === "reroute") this.#reroute(record, admitted.home);
      else if (record.topic === "carm.ticks") this.#tick(i, record, admitted.value);
      else this.#process(i, record, admitted.cluster, admitted.value);
    }
    return this.#outputs;
  }

  #tick(index: number, record: IncomingRecord, value: Value): void {
    const { clusters } = this.#context;
    for (const cluster of clusters.names()) {
      if (!clusters.isQuarantined(cluster)) this.#step(index, record, cluster, value);
    }
  }

  #process(index: number, record: IncomingRecord, cluster: string, value: Value): void {
    const { clusters } = this.#context;
    if (!clusters.admit(cluster)) {
      const detail = "This partition has as many clusters as it may have.";
      this.#reject(record, { reason: "ERR_LIMIT_EXCEEDED", detail, cluster });
      return;
    }
    if (clusters.isQuarantined(cluster)) {
      if (record.headers?.[resumeHeader] === undefined) {
        const detail = "Kept for replay once the cluster is resumed.";
        this.#reject(record, { reason: "ERR_CLUSTER_QUARANTINED", detail, cluster });
        return;
      }
      clusters.release(cluster);
    }
    this.#step(index, record, cluster, value);
  }

  #step(index: number, record: IncomingRecord, cluster: string, value: Value): void {
    if (!this.#firstSteps.has(cluster)) this.#firstSteps.set(cluster, index);
    const failures = this.#failedSteps.at(index, cluster);
    if (failures.length > 0) {
      this.#quarantine(index, record, cluster, value, failures);
      return;
    }
    const { processor, state } = this.#context;
    this.#guarded(index, cluster, () => {
      state.enter(cluster);
      this.#emit(processor.step(state, this.#stepRecord(record, cluster, value)), cluster, record);
    });
  }

  #stepRecord(record: IncomingRecord, cluster: string, value: Value): StepRecord {
    const { topic, partition, offset, timestamp: appendedAt } = record;
    const { incarnation } = this.#context;
    const isBehind = appendedAt < this.#decidesFrom;
    return { topic, cluster, value, partition, offset, appendedAt, isBehind, incarnation } as StepRecord;
  }

  #quarantine(
    index: number,
    record: IncomingRecord,
    cluster: string,
    value: Value,
    failures: readonly StepFailure[],
  ): void {
    const { processor, state, clusters } = this.#context;
    const detail = failures.map((failure) => failure.message).join("; then, on release: ");
    this.#reject(record, { reason: "ERR_STEP_FAILED", detail, cluster });
    clusters.quarantine(cluster, record.timestamp);
    this.tally.quarantines += 1;
    const releaseFailed = failures.length > 1;
    if (processor.onQuarantine === undefined || releaseFailed) return;
    this.#guarded(index, cluster, () => {
      state.enter(cluster);
      const outputs = processor.onQuarantine!(state, this.#stepRecord(record, cluster, value));
      this.#emit(outputs, cluster, record);
    });
  }

  /** Runs what belongs to the processor; what it throws is its cluster's failure, unless the local store is at fault. */
  #guarded(index: number, cluster: string, run: () => void): void {
    const { state, stateIsFromLog } = this.#context;
    try {
      run();
    } catch (error) {
      const code = error instanceof CarmError ? error.code : undefined;
      if (code === "ERR_STATE_VERSION" || (code === "ERR_STATE_CORRUPT" && !stateIsFromLog())) throw error;
      throw new StepFailure(index, cluster, error);
    } finally {
      state.enter(null);
    }
  }

  #emit(outputs: readonly StepOutput[], cluster: string, record: IncomingRecord): void {
    const { timestamp } = record;
    for (const output of outputs) {
      if ("refused" in output) {
        this.#reject(record, { ...output.refused, cluster });
        continue;
      }
      if ("removedKey" in output) {
        const { topic, removedKey } = output;
        assert(removedKey.startsWith(`${cluster}/`), `A step of ${cluster} removed ${removedKey}.`);
        this.#outputs.push(this.#context.outgoing.tombstone(topic, removedKey, timestamp));
        continue;
      }
      const { topic, value } = output;
      assert(value.cluster === cluster, `A step of ${cluster} emitted a record of ${value.cluster}.`);
      validateRecord(topic, value);
      this.#outputs.push(this.#context.outgoing.encode(topic, value, timestamp));
    }
  }

  #reject(record: IncomingRecord, rejection: Rejection): void {
    this.#outputs.push(this.#context.outgoing.deadLetter(record, rejection));
    count(this.tally.deadLettersByReason, rejection.reason);
  }

  #reroute(record: IncomingRecord, home: number): void {
    this.#outputs.push(reroute(record, home));
    this.tally.rerouted += 1;
  }
}
