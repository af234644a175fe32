import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMemoryStores } from "../../src/stream/memory-store.ts";
import type { StateKind } from "../../src/stream/processor.ts";
import { TaskState } from "../../src/stream/task-state.ts";

interface Box {
  n: number;
}

function kind(name: string): StateKind<Box> {
  return {
    name,
    encode: (box) => Buffer.from(String(box.n)),
    decode: (bytes) => ({ n: Number(Buffer.from(bytes).toString()) }),
  };
}

const kinds = [kind("a"), kind("b")] as const;
const limits = { maxCachedEntries: 1_000, maxRecordBytes: 1_000 };
const header = Uint8Array.of(1);

async function openState(given: Partial<typeof limits> = {}) {
  const store = await createMemoryStores().open("t");
  return { store, state: new TaskState(store, kinds as never, { ...limits, ...given }) };
}

describe("the state of a task", () => {
  test("equals a plain map under any mix of writes, reads, commits, aborts and flushes, with any cache", async () => {
    const place = fc.record({
      kind: fc.integer({ min: 0, max: 1 }),
      cluster: fc.constantFrom("x", "x|y"),
      id: fc.constantFrom("1", "10", "2", "\u{1f600}", "\uffff"),
    });
    const action = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("put" as const), at: place, n: fc.nat(99) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("add" as const), at: place }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("delete" as const), at: place }) },
      { weight: 6, arbitrary: fc.record({ do: fc.constant("get" as const), at: place }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant("range" as const), at: place }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("commit" as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("abort" as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("flush" as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 60 }),
        fc.constantFrom(1, 3, 1_000),
        async (actions, cached) => {
          const { state, store } = await openState({ maxCachedEntries: cached });
          let committed = new Map<string, number>();
          let model = new Map<string, number>();
          const changelog = new Map<string, string>();
          const key = (at: { kind: number; cluster: string; id: string }) =>
            `${at.kind} ${at.cluster} ${at.id}`;
          const commit = () => {
            for (const { key, value } of state.changes()) {
              const name = Buffer.from(key).toString("hex");
              if (value === null) changelog.delete(name);
              else changelog.set(name, Buffer.from(value).toString());
            }
            state.committed();
            committed = new Map(model);
          };
          for (const act of actions) {
            if (act.do === "commit") commit();
            else if (act.do === "abort") {
              state.abort();
              model = new Map(committed);
            } else if (act.do === "flush") {
              commit();
              state.flush(header);
            } else {
              const { at } = act;
              const boxes = kinds[at.kind]!;
              if (act.do === "put") {
                state.put(boxes, at.cluster, at.id, { n: act.n });
                model.set(key(at), act.n);
              } else if (act.do === "delete") {
                state.delete(boxes, at.cluster, at.id);
                model.delete(key(at));
              } else if (act.do === "add") {
                const box = state.get(boxes, at.cluster, at.id) ?? { n: 0 };
                box.n += 1;
                state.put(boxes, at.cluster, at.id, box);
                model.set(key(at), (model.get(key(at)) ?? 0) + 1);
              } else if (act.do === "get") {
                expect(state.get(boxes, at.cluster, at.id)?.n).toBe(model.get(key(at)));
              } else {
                const expected = [...model]
                  .filter(([name]) => name.startsWith(`${at.kind} ${at.cluster} `))
                  .map(([name, n]) => [name.split(" ")[2]!, n] as const)
                  .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
                expect(state.range(boxes, at.cluster).map(([id, box]) => [id, box.n])).toEqual(expected);
              }
            }
          }
          commit();
          state.flush(header);
          const stored = store.range(Uint8Array.of());
          const found = stored.map((e) => [
            Buffer.from(e.key).toString("hex"),
            Buffer.from(e.value).toString(),
          ]);
          expect(new Map(found as [string, string][])).toEqual(changelog);
          expect(found.length).toBe(model.size);
        },
      ),
    );
  });

  test("drops values that were changed in place but never put, when a transaction is aborted", async () => {
    const { state } = await openState();
    state.put(kinds[0], "x", "1", { n: 1 });
    state.changes();
    state.committed();
    state.get(kinds[0], "x", "1")!.n = 99;
    state.abort();
    expect(state.get(kinds[0], "x", "1")).toEqual({ n: 1 });
  });

  test("writes each changed entry once, in order of first change, deletes as tombstones", async () => {
    const { state } = await openState();
    for (const n of [1, 2, 3]) state.put(kinds[0], "x", "twice", { n });
    state.put(kinds[0], "x", "gone", { n: 1 });
    state.delete(kinds[0], "x", "gone");
    const values = state.changes().map(({ value }) => value && Buffer.from(value).toString());
    expect(values).toEqual(["3", null]);
  });

  test("keeps a step to its own cluster", async () => {
    const { state } = await openState();
    state.enter("x");
    expect(() => state.get(kinds[0], "y", "1")).toThrow(/own cluster/);
    expect(() => state.put(kinds[0], "y", "1", { n: 1 })).toThrow(/own cluster/);
  });

  test("refuses kinds that were not declared, and two of one name", async () => {
    const { state, store } = await openState();
    expect(() => state.get(kind("c"), "x", "1")).toThrow(/not among/);
    expect(() => new TaskState(store, [kind("a"), kind("a")] as never, limits)).toThrow(/same name/);
  });

  test("names the cluster of an entry that is too large for the changelog", async () => {
    const { state } = await openState({ maxRecordBytes: 10 });
    state.put(kinds[0], "large", "1", { n: 123_456 });
    expect(() => state.changes()).toThrow(expect.objectContaining({ cluster: "large" }));
  });
});
