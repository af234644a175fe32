import type { carmProcessor } from "../../processor/index.ts";

type State = Parameters<typeof carmProcessor.step>[0];
type Kind = { readonly name: string };

interface Group {
  readonly entries: Map<string, [id: string, value: unknown]>;
  /** The entries by rising id; undefined after one came or went. */
  sorted: [id: string, value: unknown][] | undefined;
}

/** A step's state that lives in the heap alone: no bytes, no transaction, no store. For one cluster. */
export class HeapState implements State {
  readonly #groups = new Map<Kind, Group>();
  readonly #byName = new Map<string, Group>();

  get<T>(kind: Kind, _cluster: string, id: string): T | undefined {
    return this.#group(kind).entries.get(id)?.[1] as T | undefined;
  }

  put<T>(kind: Kind, _cluster: string, id: string, value: T): void {
    const group = this.#group(kind);
    const known = group.entries.get(id);
    if (known !== undefined) {
      known[1] = value;
      return;
    }
    group.entries.set(id, [id, value]);
    group.sorted = undefined;
  }

  delete(kind: Kind, _cluster: string, id: string): void {
    const group = this.#group(kind);
    if (group.entries.delete(id)) group.sorted = undefined;
  }

  range<T>(kind: Kind, _cluster: string): readonly (readonly [id: string, value: T])[] {
    const group = this.#group(kind);
    group.sorted ??= [...group.entries.values()].sort(([a], [b]) => (a < b ? -1 : 1));
    return group.sorted as [string, T][];
  }

  /** True if there is an entry of the kind of this name. */
  holds(kindName: string): boolean {
    const group = this.#byName.get(kindName);
    return group !== undefined && group.entries.size > 0;
  }

  #group(kind: Kind): Group {
    let group = this.#groups.get(kind);
    if (group === undefined) {
      group = { entries: new Map(), sorted: undefined };
      this.#groups.set(kind, group);
      this.#byName.set(kind.name, group);
    }
    return group;
  }
}
