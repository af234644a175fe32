import { assert } from "../records/index.ts";
import type { StreamLimits } from "./limits.ts";
import type { State, StateKind } from "./processor.ts";
import { type HeapUse, StateGroup } from "./state-group.ts";
import type { StateStore, StoreWrite } from "./state-store.ts";

export type TaskStateLimits = Pick<StreamLimits, "maxCachedEntries" | "maxRecordBytes">;

/**
 * The state of one task, in three layers: values in the heap (changed since the last commit, or read lately), encoded
 * entries that are committed but not yet in the local store, and the local store. The heap and the store hold only
 * what `maxCachedEntries` and the flushes allow; which layer answers never changes an answer.
 */
export class TaskState implements State {
  readonly #store: StateStore;
  readonly #limits: TaskStateLimits;
  readonly #groups: ReadonlyMap<StateKind<never>, Map<string, StateGroup>>;
  readonly #heap: HeapUse = { entries: 0 };
  #scope: string | null = null;
  /** Groups changed since the last commit, in order of first change. */
  #changed: StateGroup[] = [];
  readonly #unflushed = new Set<StateGroup>();
  #clock = 0;

  constructor(store: StateStore, kinds: readonly StateKind<never>[], limits: TaskStateLimits) {
    const names = new Set(kinds.map((kind) => kind.name));
    assert(names.size === kinds.length, "Two state kinds have the same name.");
    this.#store = store;
    this.#limits = limits;
    this.#groups = new Map(kinds.map((kind) => [kind, new Map<string, StateGroup>()]));
  }

  /** From now on only entries of this cluster may be used; null allows all. Keeps one cluster's failure its own. */
  enter(cluster: string | null): void {
    this.#scope = cluster;
  }

  get<T>(kind: StateKind<T>, cluster: string, id: string): T | undefined {
    return this.#group(kind, cluster).get(id) as T | undefined;
  }

  put<T>(kind: StateKind<T>, cluster: string, id: string, value: T): void {
    assert(value !== undefined, "A state value can't be undefined; use delete.");
    this.#changing(this.#group(kind, cluster)).set(id, value);
  }

  delete<T>(kind: StateKind<T>, cluster: string, id: string): void {
    const group = this.#group(kind, cluster);
    // What is not there needs no tombstone.
    if (group.get(id) !== undefined) this.#changing(group).set(id, undefined);
  }

  range<T>(kind: StateKind<T>, cluster: string): readonly (readonly [id: string, value: T])[] {
    return this.#group(kind, cluster).range() as readonly (readonly [string, T])[];
  }

  /** Every entry changed since the last commit, encoded once. Throws EncodeFailure. */
  changes(): StoreWrite[] {
    const writes: StoreWrite[] = [];
    for (const group of this.#changed) group.encodeChanges(writes, this.#limits.maxRecordBytes);
    return writes;
  }

  /** The changes are on the log; they wait here for the next flush. */
  committed(): void {
    for (const group of this.#changed) {
      group.committed();
      this.#unflushed.add(group);
    }
    this.#changed = [];
    this.#evict();
  }

  /** Forgets everything since the last commit, and every value in the heap: one may have been changed in place. */
  abort(): void {
    for (const byCluster of this.#groups.values()) for (const group of byCluster.values()) group.abort();
    this.#changed = [];
  }

  /** Committed entries that are not in the local store yet. */
  get unflushedEntries(): number {
    let entries = 0;
    for (const group of this.#unflushed) entries += group.unflushedEntries;
    return entries;
  }

  /** Writes what is committed to the local store, together with the header that says how far it goes. */
  flush(header: Uint8Array): void {
    const writes: StoreWrite[] = [];
    for (const group of this.#unflushed) group.collectUnflushed(writes);
    this.#store.write(writes, header);
    for (const group of this.#unflushed) group.flushed();
    this.#unflushed.clear();
  }

  #group<T>(kind: StateKind<T>, cluster: string): StateGroup {
    assert(
      this.#scope === null || cluster === this.#scope,
      "A step may only use the state of its own cluster.",
    );
    const byCluster = this.#groups.get(kind as StateKind<never>);
    assert(byCluster !== undefined, `The state kind ${kind.name} is not among the processor's stateKinds.`);
    let group = byCluster.get(cluster);
    if (group === undefined) {
      group = new StateGroup(this.#store, this.#heap, kind as StateKind<unknown>, cluster);
      byCluster.set(cluster, group);
    }
    group.lastUsed = ++this.#clock;
    return group;
  }

  #changing(group: StateGroup): StateGroup {
    if (!group.hasChanges) this.#changed.push(group);
    return group;
  }

  /** Once there are too many entries in the heap, drops those of the longest unused groups, down to half the limit. */
  #evict(): void {
    if (this.#heap.entries <= this.#limits.maxCachedEntries) return;
    const groups = [...this.#groups.values()].flatMap((byCluster) => [...byCluster.values()]);
    groups.sort((a, b) => a.lastUsed - b.lastUsed);
    for (const group of groups) {
      if (this.#heap.entries <= this.#limits.maxCachedEntries / 2) return;
      group.evict();
    }
  }
}
