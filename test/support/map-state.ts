import type { State, StateKind } from "../../src/stream/processor.ts";

/** State in a map, encoded after every step if asked: what a step sees when nothing is left in the heap. */
export class MapState implements State {
  readonly #groups = new Map<string, Map<string, unknown>>();
  readonly #kinds = new Map<string, StateKind<never>>();

  get<T>(kind: StateKind<T>, cluster: string, id: string): T | undefined {
    return this.#group(kind, cluster).get(id) as T | undefined;
  }

  put<T>(kind: StateKind<T>, cluster: string, id: string, value: T): void {
    this.#group(kind, cluster).set(id, value);
  }

  delete<T>(kind: StateKind<T>, cluster: string, id: string): void {
    this.#group(kind, cluster).delete(id);
  }

  range<T>(kind: StateKind<T>, cluster: string): readonly (readonly [id: string, value: T])[] {
    const entries = [...this.#group(kind, cluster)] as [string, T][];
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Every entry as bytes, by key. */
  encoded(): Map<string, Uint8Array> {
    const bytes = new Map<string, Uint8Array>();
    for (const [key, group] of this.#groups) {
      const kind = this.#kinds.get(key) as StateKind<unknown>;
      for (const [id, value] of group) bytes.set(`${key}|${id}`, Uint8Array.from(kind.encode(value)));
    }
    return new Map([...bytes].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Replaces every value by what its bytes decode to, as after a restart. */
  forgetHeap(): void {
    for (const [key, group] of this.#groups) {
      const kind = this.#kinds.get(key) as StateKind<unknown>;
      for (const [id, value] of group) group.set(id, kind.decode(kind.encode(value)));
    }
  }

  #group<T>(kind: StateKind<T>, cluster: string): Map<string, unknown> {
    const key = `${cluster}|${kind.name}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new Map();
      this.#groups.set(key, group);
      this.#kinds.set(key, kind as StateKind<never>);
    }
    return group;
  }
}
