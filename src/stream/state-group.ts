import { CarmError } from "../records/index.ts";
import type { StateKind } from "./processor.ts";
import { compareIds, idOfKey, stateKey, stateKeyPrefix } from "./state-key.ts";
import type { StateStore, StoreWrite } from "./state-store.ts";

/** A changed value that its kind could not encode. */
export class EncodeFailure extends Error {
  readonly cluster: string;

  constructor(kind: string, cluster: string, id: string, cause: unknown) {
    super(`The state entry ${kind} ${id} can't be kept: ${String(cause)}`, { cause });
    this.cluster = cluster;
  }
}

/** Entries in the heap, over all groups of a task. */
export interface HeapUse {
  entries: number;
}

interface Entry {
  readonly id: string;
  readonly key: Buffer;
  /** undefined: there is no such entry. Only meaningful if loaded. */
  value: unknown;
  /** Whether `value` is known, or has to be read from `unflushed` or the store. */
  loaded: boolean;
  changed: boolean;
  /** The change, encoded for the transaction that is being built. */
  encoded: Uint8Array | null;
  /** Committed, but not in the local store: null deletes, undefined is nothing. */
  unflushed: Uint8Array | null | undefined;
}

/** The entries of one kind in one cluster: values in the heap over encoded entries over the local store. */
export class StateGroup {
  readonly #store: StateStore;
  readonly #heap: HeapUse;
  readonly #kind: StateKind<unknown>;
  readonly #cluster: string;
  readonly #prefix: Buffer;
  readonly #entries = new Map<string, Entry>();
  #changes: Entry[] = [];
  #unflushed: Entry[] = [];
  /** Whether every entry of the group is in the heap. */
  #complete = false;
  #sorted: (readonly [string, unknown])[] | null = null;
  lastUsed = 0;

  constructor(store: StateStore, heap: HeapUse, kind: StateKind<unknown>, cluster: string) {
    this.#store = store;
    this.#heap = heap;
    this.#kind = kind;
    this.#cluster = cluster;
    this.#prefix = stateKeyPrefix(cluster, kind.name);
  }

  get hasChanges(): boolean {
    return this.#changes.length > 0;
  }

  get unflushedEntries(): number {
    return this.#unflushed.length;
  }

  get(id: string): unknown {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return this.#valueOf(entry);
    if (this.#complete) return undefined;
    const key = stateKey(this.#prefix, id);
    const bytes = this.#store.get(key);
    const value = bytes === undefined ? undefined : this.#kind.decode(bytes);
    this.#add(id, key, value);
    return value;
  }

  /** `undefined` deletes. */
  set(id: string, value: unknown): void {
    const entry = this.#entries.get(id) ?? this.#add(id, stateKey(this.#prefix, id), undefined);
    if (!entry.loaded || entry.value !== value) this.#sorted = null;
    entry.value = value;
    entry.loaded = true;
    if (entry.changed) return;
    entry.changed = true;
    this.#changes.push(entry);
  }

  range(): readonly (readonly [string, unknown])[] {
    if (this.#sorted !== null) return this.#sorted;
    if (!this.#complete) this.#loadAll();
    const found: [string, unknown][] = [];
    for (const entry of this.#entries.values()) {
      const value = this.#valueOf(entry);
      if (value !== undefined) found.push([entry.id, value]);
    }
    this.#sorted = found.sort((a, b) => compareIds(a[0], b[0]));
    return found;
  }

  /** Throws EncodeFailure, also if an entry is too large for the changelog. */
  encodeChanges(into: StoreWrite[], maxRecordBytes: number): void {
    for (const entry of this.#changes) {
      try {
        entry.encoded = entry.value === undefined ? null : this.#kind.encode(entry.value);
        const bytes = entry.key.length + (entry.encoded?.length ?? 0);
        if (bytes > maxRecordBytes) {
          throw new CarmError("ERR_LIMIT_EXCEEDED", `It has ${bytes} bytes; the limit is ${maxRecordBytes}.`);
        }
      } catch (error) {
        throw new EncodeFailure(this.#kind.name, this.#cluster, entry.id, error);
      }
      into.push({ key: entry.key, value: entry.encoded });
    }
  }

  committed(): void {
    for (const entry of this.#changes) {
      if (entry.unflushed === undefined) this.#unflushed.push(entry);
      entry.unflushed = entry.encoded;
      entry.encoded = null;
      entry.changed = false;
    }
    this.#changes = [];
  }

  /** Drops all values; keeps what is committed and not yet in the store. */
  abort(): void {
    this.#changes = [];
    this.#complete = false;
    this.#sorted = null;
    for (const entry of this.#entries.values()) {
      if (entry.unflushed === undefined) this.#drop(entry);
      entry.value = undefined;
      entry.loaded = false;
      entry.changed = false;
      entry.encoded = null;
    }
  }

  collectUnflushed(into: StoreWrite[]): void {
    for (const entry of this.#unflushed) into.push({ key: entry.key, value: entry.unflushed! });
  }

  flushed(): void {
    for (const entry of this.#unflushed) {
      entry.unflushed = undefined;
      if (entry.value !== undefined) continue;
      // Deleted, or not read since an abort: from now on the store answers.
      this.#drop(entry);
      if (!entry.loaded) this.#complete = false;
    }
    this.#unflushed = [];
  }

  /** Drops what can be read again. Only between transactions. */
  evict(): void {
    for (const entry of this.#entries.values()) if (entry.unflushed === undefined) this.#drop(entry);
    this.#complete = false;
    this.#sorted = null;
  }

  #loadAll(): void {
    for (const { key, value } of this.#store.range(this.#prefix)) {
      const id = idOfKey(key, this.#prefix.length);
      if (!this.#entries.has(id)) this.#add(id, Buffer.from(key), this.#kind.decode(value));
    }
    this.#complete = true;
  }

  #valueOf(entry: Entry): unknown {
    if (!entry.loaded) {
      const bytes = entry.unflushed;
      entry.value = bytes === null || bytes === undefined ? undefined : this.#kind.decode(bytes);
      entry.loaded = true;
    }
    return entry.value;
  }

  #add(id: string, key: Buffer, value: unknown): Entry {
    const entry: Entry = {
      id,
      key,
      value,
      loaded: true,
      changed: false,
      encoded: null,
      unflushed: undefined,
    };
    this.#entries.set(id, entry);
    this.#heap.entries += 1;
    return entry;
  }

  #drop(entry: Entry): void {
    if (this.#entries.delete(entry.id)) this.#heap.entries -= 1;
  }
}
