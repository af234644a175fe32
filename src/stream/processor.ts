import type { ErrorCode, TopicRecords } from "../records/index.ts";

/** A kind of state entry: how its values are named and stored. Values are read back bit for bit. */
export interface StateKind<T> {
  /** Short and stable: it is part of every stored key. */
  readonly name: string;
  /** Returns bytes that nothing writes to again. */
  encode(value: T): Uint8Array;
  /** Throws ERR_STATE_CORRUPT or ERR_STATE_VERSION. */
  decode(bytes: Uint8Array): T;
}

/**
 * The state that a step sees: entries by typed key `cluster|kind|id`. Writes become visible at once to later steps of
 * the same task and durable with the transaction. A value may be changed in place only if it is then `put` again;
 * an abort drops every value in the heap.
 */
export interface State {
  get<T>(kind: StateKind<T>, cluster: string, id: string): T | undefined;
  put<T>(kind: StateKind<T>, cluster: string, id: string, value: T): void;
  delete<T>(kind: StateKind<T>, cluster: string, id: string): void;
  /** All entries of a kind in one cluster, by rising id. */
  range<T>(kind: StateKind<T>, cluster: string): readonly (readonly [id: string, value: T])[];
}

/** A decoded input record with its place on the log. A tick is given once to each cluster known on its partition. */
export type StepRecord = {
  [T in keyof TopicRecords]: {
    readonly topic: T;
    /** The cluster it concerns; a step uses only this cluster's state and emits only this cluster's records. */
    readonly cluster: string;
    readonly value: TopicRecords[T];
    readonly partition: number;
    readonly offset: number;
    /** The broker's record timestamp, epoch milliseconds. */
    readonly appendedAt: number;
    /** The task lags by more than `maxDecisionLagMs`: the record counts, but it is too late to decide anything by it. */
    readonly isBehind: boolean;
    /** How many times the state of this partition has begun from nothing, from 1 up. */
    readonly incarnation: number;
  };
}[keyof TopicRecords];

/** A record to emit. The task derives key and partition from the topic's declaration. */
export type StepRecordOutput = {
  [T in keyof TopicRecords]: { readonly topic: T; readonly value: TopicRecords[T] };
}[keyof TopicRecords];

/** What a step emits. */
export type StepOutput =
  | StepRecordOutput
  /** A tombstone: from a compacted topic the record with this key is removed. */
  | { readonly topic: keyof TopicRecords; readonly removedKey: string }
  /** The step's own record can't be used and changed nothing: a dead letter, and nothing else happens. */
  | { readonly refused: { readonly reason: ErrorCode; readonly detail: string } };

/** An output topic whose records say in which incarnation they were made. */
export type IncarnationMark = {
  [T in keyof TopicRecords]: { readonly topic: T; of(value: TopicRecords[T]): number };
}[keyof TopicRecords];

/** What the stream runtime runs: pure, without clock, randomness or I/O. */
export interface Processor {
  /** Names the consumer group, the transactional ids and the state folder. */
  readonly name: string;
  /** Input topics in rank order: at equal append time a lower rank goes first. */
  readonly inputs: readonly (keyof TopicRecords)[];
  readonly stateKinds: readonly StateKind<never>[];
  /** A task that starts without any state takes an incarnation above all that it finds there; without this, 1. */
  readonly incarnationMark?: IncarnationMark;
  /** Changes `state` and returns what to emit; depends on nothing else. */
  step(state: State, record: StepRecord): StepOutput[];
  /**
   * Called once when a step has thrown, with its record and the state as it was before that step: what to emit so that
   * nothing stays set while the cluster gets no more steps.
   */
  onQuarantine?(state: State, record: StepRecord): StepOutput[];
}
