import fc from "fast-check";
import { expect, it } from "vitest";
import { type Claim, sharePartitions } from "../../src/broker/share-partitions.ts";

const claims = fc
  .array(fc.record({ owned: fc.uniqueArray(fc.nat(30)), generation: fc.nat(3) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((all) => all.map((claim, i): Claim<string> => ({ member: `m${i}`, ...claim })));

it("gives every partition to one member, in shares that differ by at most one", () => {
  fc.assert(
    fc.property(fc.nat(30), claims, (count, all) => {
      const shares = [...sharePartitions(count, all).values()];
      const given = shares.flatMap((share) => [...share]).sort((a, b) => a - b);
      expect(given).toEqual(Array.from({ length: count }, (_, i) => i));
      const sizes = shares.map(({ size }) => size);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

it("moves nothing if nobody came or went", () => {
  fc.assert(
    fc.property(fc.nat(30), claims, (count, all) => {
      const before = sharePartitions(count, all);
      const again = [...before].map(([member, owned]) => ({ member, owned, generation: 1 }));
      expect(sharePartitions(count, again.reverse())).toEqual(before);
    }),
  );
});

it("moves no more than the share of the member that came or went", () => {
  fc.assert(
    fc.property(fc.nat(30), claims, (count, all) => {
      const before = sharePartitions(count, all);
      const kept = [...before].map(([member, owned]) => ({ member, owned, generation: 1 }));
      const moved = (after: Map<string, ReadonlySet<number>>) =>
        kept.reduce(
          (sum, { member, owned }) =>
            sum + [...owned].filter((one) => !(after.get(member)?.has(one) ?? false)).length,
          0,
        );
      const come = sharePartitions(count, [...kept, { member: "new", owned: [], generation: 0 }]);
      expect(moved(come)).toBe(come.get("new")!.size);
      if (kept.length === 1) return;
      const gone = sharePartitions(count, kept.slice(1));
      expect(moved(gone)).toBe(before.get(kept[0]!.member)!.size);
    }),
  );
});

it("believes the member of the later generation if two say that they have a partition", () => {
  const zombie = { member: "zombie", owned: [0, 1], generation: 4 };
  const owner = { member: "owner", owned: [1, 2], generation: 5 };
  const shares = sharePartitions(4, [zombie, owner]);
  expect(shares.get("owner")).toEqual(new Set([1, 2]));
  expect(shares.get("zombie")).toEqual(new Set([0, 3]));
});
