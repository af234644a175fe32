import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareIds, headerKey, idOfKey, stateKey, stateKeyPrefix } from "../../src/stream/state-key.ts";

const name = fc.string({ unit: "binary", maxLength: 8 });

describe("state keys", () => {
  test("differ whenever cluster, kind or id differ, whatever characters they have", () => {
    fc.assert(
      fc.property(fc.tuple(name, name, name), fc.tuple(name, name, name), (a, b) => {
        const same = stateKey(stateKeyPrefix(a[0], a[1]), a[2]).equals(
          stateKey(stateKeyPrefix(b[0], b[1]), b[2]),
        );
        expect(same).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  test("are never the store's own key, and give the id back", () => {
    fc.assert(
      fc.property(name, name, name, (cluster, kind, id) => {
        const prefix = stateKeyPrefix(cluster, kind);
        const key = stateKey(prefix, id);
        expect(key.subarray(0, 2).equals(headerKey)).toBe(false);
        expect(idOfKey(key, prefix.length)).toBe(id);
      }),
    );
  });

  test("sort as compareIds sorts ids", () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(Math.sign(compareIds(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  test("refuse text that UTF-8 can't hold", () => {
    expect(() => stateKey(stateKeyPrefix("lab", "job"), "\ud800")).toThrow(/surrogate/);
  });
});
