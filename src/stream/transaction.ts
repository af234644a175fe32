import type { OutgoingRecord } from "../broker/broker.ts";
import type { BatchContext, BatchResult } from "./batch.ts";
import { describeInterleaving, type Taken } from "./merge.ts";
import { count, type StreamMetrics } from "./metrics.ts";
import { recordBytes } from "./outgoing.ts";
import { changelogTopic } from "./task-context.ts";

/** Everything that one transaction writes, apart from positions: outputs, changes of state, the order of the input. */
export function transactionRecords(
  taken: readonly Taken[],
  { outputs, changes, decidesFrom }: BatchResult,
  { outgoing, incarnation }: BatchContext,
  partition: number,
  inputs: number,
): OutgoingRecord[] {
  const timestamp = taken.at(-1)!.record.timestamp;
  const records = [...outputs];
  for (const { key, value } of changes) {
    records.push({ topic: changelogTopic, partition, key, value, timestamp });
  }
  const interleaving = { ...describeInterleaving(taken, partition, inputs), decidesFrom, incarnation };
  records.push(outgoing.encode("carm.interleavings", interleaving, timestamp));
  return records;
}

/** Counts what a committed transaction held. */
export function countTransaction(
  metrics: StreamMetrics,
  taken: readonly Taken[],
  { outputs, changes, tally, decidesFrom }: BatchResult,
): void {
  for (const { record } of taken) {
    count(metrics.recordsByTopic, record.topic);
    metrics.inputBytes += recordBytes(record);
    if (record.timestamp < decidesFrom) metrics.recordsBehind += 1;
  }
  metrics.outputRecords += outputs.length;
  metrics.changelogRecords += changes.length;
  for (const { key, value } of changes) metrics.changelogBytes += key.length + (value?.length ?? 0);
  metrics.rerouted += tally.rerouted;
  metrics.quarantines += tally.quarantines;
  for (const [reason, by] of Object.entries(tally.deadLettersByReason)) {
    count(metrics.deadLettersByReason, reason, by);
  }
}
