/** The port of a task's local store: ordered bytes on this machine, a copy of what the changelog holds. */

/** A written entry; null deletes. */
export interface StoreWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

export interface StoreEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Reads and writes return at once: a task never waits on its store between records. */
export interface StateStore {
  /** What the last write said about the store; undefined if nothing was ever written. */
  header(): Uint8Array | undefined;
  get(key: Uint8Array): Uint8Array | undefined;
  /** All entries whose key starts with `prefix`, by rising key bytes. */
  range(prefix: Uint8Array): StoreEntry[];
  /** Applies entries, in order, and header together or, after a crash, not at all. */
  write(entries: readonly StoreWrite[], header: Uint8Array): void;
  close(): Promise<void>;
}

/** Where stores come from, by name. Only one handle to a name may be open at a time. */
export interface StateStores {
  /** Opens the store or creates an empty one. Throws ERR_STATE_CORRUPT if what is there can't be read. */
  open(name: string): Promise<StateStore>;
  /** Removes a closed store and all it holds. */
  destroy(name: string): Promise<void>;
}
