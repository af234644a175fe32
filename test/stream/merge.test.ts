import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { IncomingRecord } from "../../src/broker/index.ts";
import { describeInterleaving, Merge, replayInterleaving, type Taken } from "../../src/stream/merge.ts";

function record(rank: number, offset: number, timestamp: number): IncomingRecord {
  return { topic: `t${rank}`, partition: 0, key: null, value: null, offset, timestamp };
}

const places = (taken: readonly Taken[]) => taken.map(({ rank, record }) => `${rank}@${record.offset}`);

/** Inputs with rising offsets (with gaps) and rising append times (with ties). */
const anyInputs = fc
  .array(
    fc.array(fc.record({ gap: fc.integer({ min: 1, max: 3 }), laterMs: fc.integer({ min: 0, max: 3 }) }), {
      maxLength: 12,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((inputs) =>
    inputs.map((steps, rank) => {
      let offset = -1;
      let at = 0;
      return steps.map(({ gap, laterMs }) => {
        offset += gap;
        at += laterMs;
        return record(rank, offset, at);
      });
    }),
  );

function takeAll(inputs: readonly (readonly IncomingRecord[])[], limit: number): Taken[] {
  const merge = new Merge(inputs.length, 1_000);
  for (const [rank, records] of inputs.entries()) for (const each of records) merge.push(rank, each, 0);
  for (const rank of inputs.keys()) merge.markDrained(rank);
  const all: Taken[] = [];
  while (merge.length > 0) {
    const some: Taken[] = [];
    merge.take(limit, 0, some);
    expect(some.length).toBeGreaterThan(0);
    all.push(...some);
  }
  return all;
}

describe("the merge", () => {
  test("takes drained inputs by append time, then topic rank, then offset, however many at a time", () => {
    fc.assert(
      fc.property(anyInputs, fc.integer({ min: 1, max: 7 }), (inputs, limit) => {
        const sorted = inputs
          .flatMap((records, rank) => records.map((each) => ({ rank, record: each })))
          .sort(
            (a, b) =>
              a.record.timestamp - b.record.timestamp || a.rank - b.rank || a.record.offset - b.record.offset,
          );
        expect(places(takeAll(inputs, limit))).toEqual(places(sorted));
      }),
    );
  });

  test("gives the same order again from the interleaving it wrote down", () => {
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const taken = takeAll(inputs, 1_000);
        fc.pre(taken.length > 0);
        const interleaving = describeInterleaving(taken, 3, inputs.length);
        expect(interleaving.partition).toBe(3);
        expect(interleaving.runs.reduce((sum, run) => sum + run.count, 0)).toBe(taken.length);
        expect(places(replayInterleaving(interleaving, inputs))).toEqual(places(taken));
      }),
    );
  });

  test("keeps offset order within an input even where append times go back", () => {
    const inputs = [[record(0, 0, 50), record(0, 1, 10)], [record(1, 0, 20)]];
    expect(places(takeAll(inputs, 10))).toEqual(["1@0", "0@0", "0@1"]);
  });

  test("holds a record for an empty input until its wait is over, counted from the record's arrival", () => {
    const merge = new Merge(2, 200);
    merge.push(0, record(0, 0, 1), 1_000);
    merge.push(0, record(0, 1, 2), 1_150);
    const taken: Taken[] = [];
    merge.take(10, 1_199, taken);
    expect(places(taken)).toEqual([]);
    merge.take(10, 1_200, taken);
    expect(places(taken)).toEqual(["0@0"]);
    merge.take(10, 1_350, taken);
    expect(places(taken)).toEqual(["0@0", "0@1"]);
  });

  test("does not wait for an input that is read to its end, but asks anew once something else came", () => {
    const merge = new Merge(2, 200);
    merge.push(0, record(0, 0, 1), 0);
    merge.markDrained(1);
    const taken: Taken[] = [];
    merge.take(10, 0, taken);
    merge.push(0, record(0, 1, 2), 0);
    merge.take(10, 0, taken);
    expect(places(taken)).toEqual(["0@0"]);
  });

  test("knows what waits and where each input goes on", () => {
    const merge = new Merge(2, 0);
    expect(merge.nextOffset(0)).toBeUndefined();
    for (let offset = 0; offset < 3_000; offset++) merge.push(0, record(0, offset, offset), 0);
    const taken: Taken[] = [];
    merge.take(2_500, 0, taken);
    expect([merge.length, merge.lengthOf(0), merge.lengthOf(1), merge.nextOffset(0)]).toEqual([
      500, 500, 0, 2_500,
    ]);
  });
});
