import { describe, expect, it } from "vitest";
import { positionAfter, type RawRecord, visibleRecords } from "../../src/broker/kafka/visible-records.ts";

/** A record in a batch of its own. */
function raw(offset: number, producerId: string, marker?: "abort" | "commit"): RawRecord {
  return {
    offset: String(offset),
    timestamp: "0",
    key: marker === undefined ? Buffer.from("key") : Buffer.from([0, 0, 0, marker === "abort" ? 0 : 1]),
    value: Buffer.from(String(offset)),
    headers: {},
    isControlRecord: marker !== undefined,
    batchContext: {
      firstOffset: String(offset),
      lastOffsetDelta: 0,
      producerId,
      inTransaction: producerId !== "-1",
    },
  };
}

function offsets(messages: RawRecord[], aborted: [string, number][], from = 0): number[] {
  const abortedTransactions = aborted.map(([producerId, first]) => ({
    producerId,
    firstOffset: String(first),
  }));
  return visibleRecords({ topic: "t", partition: 0, messages, abortedTransactions }, from).map(
    (one) => one.offset,
  );
}

describe("the records of a fetch that are shown", () => {
  it("are not those of aborted transactions, however these overlap and in whatever order they are listed", () => {
    const messages = [
      raw(0, "1"),
      raw(1, "2"),
      raw(2, "-1"),
      raw(3, "1", "abort"),
      raw(4, "2"),
      raw(5, "2", "abort"),
    ];
    expect(
      offsets(messages, [
        ["1", 0],
        ["2", 1],
      ]),
    ).toEqual([2]);
    expect(
      offsets(messages, [
        ["2", 1],
        ["1", 0],
      ]),
    ).toEqual([2]);
  });

  it("are not those of several transactions that began before what was fetched", () => {
    const messages = [raw(8, "2"), raw(9, "1"), raw(10, "1", "abort"), raw(11, "2", "abort"), raw(12, "2")];
    expect(
      offsets(
        messages,
        [
          ["1", 3],
          ["2", 5],
        ],
        8,
      ),
    ).toEqual([12]);
  });

  it("are those that a producer commits after it has aborted", () => {
    const messages = [raw(0, "1"), raw(1, "1", "abort"), raw(2, "1"), raw(3, "1", "commit")];
    expect(offsets(messages, [["1", 0]])).toEqual([2]);
  });

  it("may have the key of an abort marker", () => {
    const lookalike = { ...raw(1, "-1"), key: Buffer.from([0, 0, 0, 0]) };
    expect(offsets([raw(0, "1"), lookalike, raw(2, "1"), raw(3, "1", "abort")], [["1", 0]])).toEqual([1]);
  });

  it("begin at the position asked for, although the broker sends the whole batch", () => {
    expect(offsets([raw(0, "-1"), raw(1, "-1"), raw(2, "-1")], [], 1)).toEqual([1, 2]);
  });

  it("have the last value of a header that is there twice, and no header without a value", () => {
    const message = { ...raw(0, "-1"), headers: { twice: [Buffer.from("a"), Buffer.from("b")], none: null } };
    const [record] = visibleRecords(
      { topic: "t", partition: 0, messages: [message], abortedTransactions: null },
      0,
    );
    expect(record!.headers).toEqual({ twice: Buffer.from("b") });
  });
});

describe("the position after a fetch", () => {
  it("is after a marker, and after records that compaction has taken from the end of a batch", () => {
    expect(positionAfter([raw(0, "1"), raw(1, "1", "commit")])).toBe(2);
    const compacted = raw(4, "1");
    const batchContext = { ...compacted.batchContext, lastOffsetDelta: 5 };
    expect(positionAfter([{ ...compacted, batchContext }])).toBe(10);
  });

  it("is unknown if nothing came", () => {
    expect(positionAfter([])).toBeUndefined();
  });
});
