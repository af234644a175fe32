import type { Broker, IncomingRecord, OutgoingRecord } from "../broker/index.ts";
import type { Interleaving, RecordCodec } from "../records/index.ts";
import { Admission } from "./admission.ts";
import { type BatchContext, runBatch } from "./batch.ts";
import { Clusters } from "./clusters.ts";
import { reroutedHeader } from "./headers.ts";
import { resolveLimits, type StreamLimits } from "./limits.ts";
import { createMemoryStores } from "./memory-store.ts";
import { replayInterleaving } from "./merge.ts";
import { Outgoing } from "./outgoing.ts";
import type { Processor } from "./processor.ts";
import { taskStateKinds } from "./task-kinds.ts";
import { TaskState } from "./task-state.ts";

/** A partition of a processor's work. */
export interface FoldOptions {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly processor: Processor;
  readonly partition: number;
  /** Those of the workers, as far as they decide what becomes of a record. */
  readonly limits?: Partial<StreamLimits>;
}

/** What the input of a partition comes to. */
export interface Fold {
  readonly inputRecords: number;
  readonly outputs: ReadonlyMap<string, readonly OutgoingRecord[]>;
  readonly rerouted: readonly OutgoingRecord[];
  /** By key in hex. */
  readonly state: ReadonlyMap<string, string>;
  readonly differences: readonly string[];
}

/**
 * Takes the input of a partition, all of it by rank, one record after the other in the order that its transactions
 * recorded, with nothing around it that could fail. Throws what `replayInterleaving` throws.
 */
export async function foldAgain(
  options: FoldOptions,
  inputs: readonly (readonly IncomingRecord[])[],
  interleavings: readonly Interleaving[],
): Promise<Fold> {
  const { partition } = options;
  /** By rank: place of the record taken last. */
  const last = inputs.map((): number => -1);
  const outputs = new Map<string, OutgoingRecord[]>();
  const rerouted: OutgoingRecord[] = [];
  const state = new Map<string, string>();
  const differences: string[] = [];
  let inputRecords = 0;
  let context: BatchContext | undefined;
  for (const [i, interleaving] of interleavings.entries()) {
    const { decidesFrom, incarnation } = interleaving;
    if (context === undefined || context.incarnation !== incarnation) {
      context = await emptyContext(options, incarnation);
      state.clear();
    }
    const taken = replayInterleaving(interleaving, inputs);
    for (const { rank, record } of taken) {
      const due = inputs[rank]![last[rank]! + 1];
      if (due !== record) differences.push(`Transaction ${i} took ${at(record)} where ${at(due)} was due.`);
      last[rank] = due === record ? last[rank]! + 1 : inputs[rank]!.indexOf(record);
    }
    inputRecords += taken.length;
    const result = await runBatch(context, taken, decidesFrom);
    context.state.committed();
    for (const output of result.outputs) {
      if (output.headers?.[reroutedHeader] !== undefined && output.partition !== partition) {
        rerouted.push(output);
        continue;
      }
      const sameTopic = outputs.get(output.topic);
      if (sameTopic === undefined) outputs.set(output.topic, [output]);
      else sameTopic.push(output);
    }
    for (const { key, value } of result.changes) {
      if (value === null) state.delete(hex(key));
      else state.set(hex(key), hex(value));
    }
  }
  return { inputRecords, outputs, rerouted, state, differences };
}

/** Everything that a batch needs, with no state before it. */
async function emptyContext(options: FoldOptions, incarnation: number): Promise<BatchContext> {
  const { broker, codec, processor, partition } = options;
  const limits = resolveLimits(options.limits);
  const partitions = await broker.partitionCount(processor.inputs[0]!);
  const store = await createMemoryStores().open("fold");
  const state = new TaskState(store, taskStateKinds(processor), limits);
  return {
    processor,
    codec,
    admission: new Admission(codec, partition, partitions, limits.maxRecordBytes),
    outgoing: new Outgoing(codec, partition, limits.maxRecordBytes),
    state,
    clusters: new Clusters(state, limits.maxClustersPerPartition),
    incarnation,
    stateIsFromLog: () => true,
  };
}

function at(record: IncomingRecord | undefined): string {
  return record === undefined ? "nothing" : `${record.topic} ${record.partition}:${record.offset}`;
}

/** Bytes as a key of a map, or to compare them. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
