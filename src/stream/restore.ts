import type { Broker, TopicPartition } from "../broker/broker.ts";
import { CarmError } from "../records/index.ts";
import type { StateStore, StateStores, StoreWrite } from "./state-store.ts";

/** Whose state a local store holds. A store that says something else is not used. */
export interface StoreIdentity {
  /** Names the log: on Kafka, cluster id and topic id. */
  readonly log: string;
  readonly topic: string;
  readonly partition: number;
}

/** How far a local store follows the changelog. */
interface StoreHeader extends StoreIdentity {
  readonly format: number;
  /** Everything before this position of the changelog is in the store. */
  readonly position: number;
  /** When the position was written, epoch milliseconds. */
  readonly savedAt: number;
}

/** Version of keys, entries and header in the store. */
const format = 1;

/** Why a restore read what it read: `tail` read only what the store lacked, all others the whole changelog. */
export type RestoreReason = "tail" | "empty" | "corrupt" | "format" | "identity" | "age" | "ahead";

export function encodeHeader(identity: StoreIdentity, position: number, savedAt: number): Uint8Array {
  const { log, topic, partition } = identity;
  const header: StoreHeader = { format, log, topic, partition, position, savedAt };
  return Buffer.from(JSON.stringify(header));
}

export interface Restore {
  readonly broker: Broker;
  readonly stores: StateStores;
  /** Name of the store. */
  readonly name: string;
  readonly identity: StoreIdentity;
  readonly maxLocalStateAgeMs: number;
  readonly pollMs: number;
  readonly epochMs: () => number;
  /** Rebuild whatever is there, for this reason. */
  readonly rebuild?: RestoreReason;
}

export interface Restored {
  readonly store: StateStore;
  readonly reason: RestoreReason;
  /** Changelog records read, and their bytes. */
  readonly entries: number;
  readonly bytes: number;
}

/**
 * Opens the local store and brings it up to the end of the changelog. Only after fencing: the end must not move.
 * It ends by position; the last record before the end may well be invisible.
 */
export async function restore(options: Restore): Promise<Restored> {
  const { broker, identity } = options;
  const end = (await broker.endPositions([identity]))[0]!.offset;
  const { store, reason, position } = await openUsable(options, end);
  try {
    return { store, reason, ...(await catchUp(store, options, position, end)) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openUsable(options: Restore, end: number) {
  const { stores, name } = options;
  let reason = options.rebuild;
  try {
    if (reason === undefined) {
      const store = await stores.open(name);
      const found = inspect(store, options, end);
      if (typeof found === "number") return { store, reason: "tail" as const, position: found };
      await store.close();
      reason = found;
    }
  } catch (error) {
    if (!(error instanceof CarmError) || error.code !== "ERR_STATE_CORRUPT") throw error;
    reason = "corrupt";
  }
  await stores.destroy(name);
  return { store: await stores.open(name), reason, position: 0 };
}

/** The position to go on from, or why the store is of no use. */
function inspect(store: StateStore, options: Restore, end: number): number | RestoreReason {
  const bytes = store.header();
  if (bytes === undefined) return "empty";
  const header = parseHeader(bytes);
  if (header === undefined) return "corrupt";
  if (header.format !== format) return "format";
  const { log, topic, partition } = options.identity;
  if (header.log !== log || header.topic !== topic || header.partition !== partition) return "identity";
  if (header.position > end) return "ahead";
  // An older position may be followed by tombstones that compaction has since removed.
  if (options.epochMs() - header.savedAt > options.maxLocalStateAgeMs) return "age";
  return header.position;
}

function parseHeader(bytes: Uint8Array): StoreHeader | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as StoreHeader;
  } catch {
    return undefined;
  }
}

async function catchUp(store: StateStore, options: Restore, from: number, end: number) {
  const { broker, identity, pollMs, epochMs } = options;
  const { topic, partition }: TopicPartition = identity;
  let position = from;
  let entries = 0;
  let bytes = 0;
  if (position >= end) return { entries, bytes };
  const reader = await broker.readPartitions([{ topic, partition, offset: position }]);
  try {
    while (position < end) {
      const polled = await reader.poll(pollMs);
      const writes: StoreWrite[] = polled.records.map(({ key, value }) => ({ key: key!, value }));
      position = polled.positions.at(-1)?.offset ?? position;
      if (polled.positions.length > 0) store.write(writes, encodeHeader(identity, position, epochMs()));
      entries += writes.length;
      for (const { key, value } of writes) bytes += key.length + (value?.length ?? 0);
    }
  } finally {
    await reader.close();
  }
  return { entries, bytes };
}
