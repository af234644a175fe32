import { rm } from "node:fs/promises";
import { join } from "node:path";
import { RocksLevel } from "rocksdb";
import { assert, CarmError } from "../records/index.ts";
import { headerKey } from "./state-key.ts";
import type { StateStore, StateStores, StoreEntry, StoreWrite } from "./state-store.ts";

/** Stores in RocksDB, each in a folder of its own under `folder`. */
export function createRocksStores(folder: string): StateStores {
  return {
    async open(name) {
      const location = join(folder, name);
      const db = new RocksLevel(location, buffers);
      try {
        await db.open({ createIfMissing: true });
      } catch (error) {
        throw openError(location, error);
      }
      return new RocksStore(db, location);
    },
    async destroy(name) {
      await rm(join(folder, name), { recursive: true, force: true });
    },
  };
}

const buffers = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;

const rowsPerRead = 1_000;

class RocksStore implements StateStore {
  readonly #db: RocksLevel;
  readonly #location: string;

  constructor(db: RocksLevel, location: string) {
    this.#db = db;
    this.#location = location;
  }

  header(): Uint8Array | undefined {
    return this.get(headerKey);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return reading(() => this.#db._getManySync([key], buffers)[0]);
  }

  range(prefix: Uint8Array): StoreEntry[] {
    return reading(() => this.#range(prefix));
  }

  #range(prefix: Uint8Array): StoreEntry[] {
    const rows = this.#db._iterator({
      ...buffers,
      gte: prefix,
      lt: successor(prefix),
      keys: true,
      values: true,
      limit: -1,
    });
    const found: StoreEntry[] = [];
    try {
      for (let finished = false; !finished; ) {
        const read = rows._nextvSync(rowsPerRead);
        finished = read.finished;
        for (let i = 0; i < read.rows.length; i += 2) {
          found.push({ key: read.rows[i]!, value: read.rows[i + 1]! });
        }
      }
    } finally {
      rows._closeSync();
    }
    return found;
  }

  /** Not forced to the disk: a killed process loses nothing; after a power cut RocksDB keeps whole batches, in order. */
  write(entries: readonly StoreWrite[], header: Uint8Array): void {
    const batch = this.#db.batch();
    try {
      for (const { key, value } of entries) {
        if (value === null) batch._del(key);
        else batch._put(key, value);
      }
      batch._put(headerKey, header);
      batch._writeSync({ sync: false });
    } catch (cause) {
      const message = `${this.#location} can't be written; check the disk's space and health.`;
      throw new CarmError("ERR_STATE_UNAVAILABLE", message, { cause });
    } finally {
      batch._closeSync();
    }
  }

  async close(): Promise<void> {
    await this.#db.close();
  }
}

/** The first key after all keys that start with `prefix`. */
function successor(prefix: Uint8Array): Uint8Array {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  assert(end > 0, "A range needs a prefix that has a successor.");
  const next = Uint8Array.from(prefix.subarray(0, end));
  next[end - 1]! += 1;
  return next;
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CarmError("ERR_STATE_CORRUPT", "The local store can't be read; it is rebuilt.", {
      cause: error,
    });
  }
}

/** A lock held by someone else is no reason to throw the store away. */
function openError(location: string, error: unknown): CarmError {
  const { cause } = error as Error;
  if ((cause as { code?: unknown } | undefined)?.code === "LEVEL_CORRUPTION") {
    return new CarmError("ERR_STATE_CORRUPT", `${location} can't be read.`, { cause });
  }
  const message = `${location} can't be opened; end whatever else uses it and check the disk.`;
  return new CarmError("ERR_STATE_UNAVAILABLE", message, { cause });
}
