import { assert } from "../records/index.ts";
import type { StateStore, StateStores, StoreEntry, StoreWrite } from "./state-store.ts";

/** Stores that live as long as this object: for evaluation and tests. What was written survives close and reopen. */
export function createMemoryStores(): StateStores {
  const contents = new Map<string, MemoryContent>();
  return {
    async open(name) {
      const content = contents.get(name) ?? { entries: new Map(), header: undefined, open: false };
      assert(!content.open, `The store ${name} is already open.`);
      content.open = true;
      contents.set(name, content);
      return new MemoryStore(content);
    },
    async destroy(name) {
      assert(contents.get(name)?.open !== true, `The store ${name} is still open.`);
      contents.delete(name);
    },
  };
}

interface MemoryContent {
  /** By key, each byte a character. */
  readonly entries: Map<string, StoreEntry>;
  header: Uint8Array | undefined;
  open: boolean;
}

class MemoryStore implements StateStore {
  readonly #content: MemoryContent;

  constructor(content: MemoryContent) {
    this.#content = content;
  }

  header(): Uint8Array | undefined {
    return this.#content.header;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#content.entries.get(text(key))?.value;
  }

  range(prefix: Uint8Array): StoreEntry[] {
    const start = text(prefix);
    const found: StoreEntry[] = [];
    for (const [key, entry] of this.#content.entries) if (key.startsWith(start)) found.push(entry);
    return found.sort((a, b) => Buffer.compare(a.key, b.key));
  }

  write(entries: readonly StoreWrite[], header: Uint8Array): void {
    assert(this.#content.open, "The store is closed.");
    for (const { key, value } of entries) {
      if (value === null) this.#content.entries.delete(text(key));
      else this.#content.entries.set(text(key), { key, value });
    }
    this.#content.header = header;
  }

  async close(): Promise<void> {
    this.#content.open = false;
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
