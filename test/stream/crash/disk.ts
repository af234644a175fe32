import { CarmError } from "../../../src/records/index.ts";
import { createMemoryStores, type StateStore, type StateStores } from "../../../src/stream/index.ts";

/** The state folder of one machine. It outlives the processes that use it. */
export interface Disk {
  readonly stores: StateStores;
  /** While it is full, nothing can be written. */
  isFull: boolean;
  /** Somebody deletes a store that nobody has open. */
  remove(name: string): Promise<void>;
  /** From now on a store can't be read, whether that shows when it is opened or at the first read. */
  corrupt(name: string, when: "open" | "read"): void;
}

export function createDisk(): Disk {
  const memory = createMemoryStores();
  const damage = new Map<string, "open" | "read">();
  const disk: Disk = {
    isFull: false,
    stores: {
      async open(name) {
        if (damage.get(name) === "open") throw corruption(name);
        return onDisk(await memory.open(name), name);
      },
      async destroy(name) {
        await memory.destroy(name);
        damage.delete(name);
      },
    },
    remove: (name) => disk.stores.destroy(name),
    corrupt(name, when) {
      damage.set(name, when);
    },
  };

  /** The header is read even where the rest is damaged: else the damage would show at once. */
  function onDisk(store: StateStore, name: string): StateStore {
    const reading = <T>(read: () => T): T => {
      if (damage.has(name)) throw corruption(name);
      return read();
    };
    return {
      header: () => store.header(),
      get: (key) => reading(() => store.get(key)),
      range: (prefix) => reading(() => store.range(prefix)),
      write(entries, header) {
        if (disk.isFull) throw new CarmError("ERR_STATE_UNAVAILABLE", "no space left on device");
        store.write(entries, header);
      },
      close: () => store.close(),
    };
  }
  return disk;
}

function corruption(name: string): CarmError {
  return new CarmError("ERR_STATE_CORRUPT", `${name} is damaged`);
}
