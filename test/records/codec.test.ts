import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  createCodec,
  embeddedRegistry,
  type RecordCodec,
  recordTopics,
  type SchemaRegistry,
  type TopicName,
} from "../../src/records/index.ts";
import { recordSchemaText } from "../../src/records/topics.ts";
import { arbitraryRecord } from "./arbitrary-record.ts";
import { samples } from "./samples.ts";

let registry: SchemaRegistry;
let codec: RecordCodec;
let tickBytes: Buffer;

beforeAll(async () => {
  registry = embeddedRegistry();
  codec = await createCodec(registry);
  tickBytes = Buffer.from(codec.encode("carm.ticks", samples["carm.ticks"]));
});

const decoding = (bytes: Uint8Array, topic: TopicName = "carm.ticks") => {
  return () => codec.decode(topic, bytes);
};
const failure = (code: string) => expect.objectContaining({ name: "CarmError", code });

describe("the record codec", () => {
  it.each(recordTopics())("gives back every record of %s as it was", (topic) => {
    fc.assert(
      fc.property(arbitraryRecord(topic), (record) => {
        expect(plain(codec.decode(topic, codec.encode(topic, record)))).toEqual(plain(record));
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it("writes the registry's wire format: 0, the schema's id in four bytes, the payload", async () => {
    const id = await registry.register("carm.ticks-value", recordSchemaText("carm.ticks"));
    expect(tickBytes[0]).toBe(0);
    expect(tickBytes.readUInt32BE(1)).toBe(id);
    // Empty string; observedAt as a zig-zag varint; partition 3.
    expect(tickBytes[5]).toBe(0);
    expect(tickBytes.at(-1)).toBe(6);
  });

  it("reads bytes wherever they lie in their buffer", () => {
    const padded = new Uint8Array(tickBytes.length + 7);
    padded.set(tickBytes, 7);
    expect(plain(decoding(padded.subarray(7))())).toEqual(samples["carm.ticks"]);
  });

  it("takes records larger than its scratch buffer", () => {
    const record = { ...samples["carm.job-events"], detail: "x".repeat(1_000_000) };
    expect(codec.decode("carm.job-events", codec.encode("carm.job-events", record)).detail).toBe(
      record.detail,
    );
  });

  it("says which field of a value does not fit the schema", () => {
    const bad = { ...samples["carm.ticks"], partition: 0.5 };
    expect(() => codec.encode("carm.ticks", bad)).toThrow(failure("ERR_RECORD_INVALID"));
    expect(() => codec.encode("carm.ticks", bad)).toThrow("partition is 0.5, not int");
    // What avsc itself would write as another number.
    const unsafe = { ...samples["carm.ticks"], observedAt: 2 ** 52 + 1 };
    expect(() => codec.encode("carm.ticks", unsafe)).toThrow(failure("ERR_RECORD_INVALID"));
  });

  it("calls bytes malformed that are short, not in the wire format, truncated or too long", () => {
    expect(decoding(new Uint8Array())).toThrow(failure("ERR_RECORD_MALFORMED"));
    expect(decoding(tickBytes.subarray(0, 4))).toThrow(failure("ERR_RECORD_MALFORMED"));
    expect(decoding(Buffer.from('{"cluster":"lab"}'))).toThrow(failure("ERR_RECORD_MALFORMED"));
    for (let length = 5; length < tickBytes.length; length++) {
      expect(decoding(tickBytes.subarray(0, length))).toThrow(failure("ERR_RECORD_MALFORMED"));
    }
    expect(decoding(Buffer.concat([tickBytes, Buffer.from([0])]))).toThrow(failure("ERR_RECORD_MALFORMED"));
  });

  it("refuses a long that a number can't hold", () => {
    const huge = Buffer.from([...Array(9).fill(0xff), 1]);
    const bytes = Buffer.concat([tickBytes.subarray(0, 6), huge, Buffer.from([6])]);
    expect(decoding(bytes)).toThrow(failure("ERR_RECORD_INVALID"));
  });

  it("refuses an array that claims more items than there are bytes, without counting them", () => {
    const record = { ...samples["carm.gpu-telemetry"], gpus: [] };
    const bytes = Buffer.from(codec.encode("carm.gpu-telemetry", record));
    // The last byte is the empty array; 2^50 items would take weeks to read.
    const claim = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02]);
    for (const sign of [0, 1]) {
      const signed = Buffer.from(claim);
      signed[0]! |= sign;
      const bomb = Buffer.concat([bytes.subarray(0, -1), signed, Buffer.alloc(40)]);
      expect(decoding(bomb, "carm.gpu-telemetry")).toThrow(failure("ERR_RECORD_MALFORMED"));
    }
  });
});

describe("a record written with another schema", () => {
  const withId = (id: number, payload: Uint8Array) => {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(id, 1);
    return Buffer.concat([header, payload]);
  };

  it("is refused if the registry does not know the schema", async () => {
    const bytes = withId(9999, tickBytes.subarray(5));
    expect(decoding(bytes)).toThrow(failure("ERR_RECORD_SCHEMA_UNKNOWN"));
    await expect(codec.learn("carm.ticks", bytes)).rejects.toMatchObject({
      code: "ERR_RECORD_SCHEMA_UNKNOWN",
    });
  });

  it("is refused if the schema is of another record", async () => {
    const bytes = codec.encode("carm.policies", samples["carm.policies"]);
    expect(decoding(bytes)).toThrow(failure("ERR_RECORD_SCHEMA_UNKNOWN"));
    await expect(codec.learn("carm.ticks", bytes)).rejects.toMatchObject({
      code: "ERR_RECORD_SCHEMA_UNKNOWN",
    });
    expect(decoding(bytes)).toThrow(failure("ERR_RECORD_SCHEMA_UNKNOWN"));
  });

  it("is read after learning it, fields that are new to this reader left out", async () => {
    const newer = JSON.parse(recordSchemaText("carm.ticks"));
    newer.fields.splice(1, 0, { name: "hosts", type: { type: "array", items: "string" }, default: [] });
    const id = await registry.register("carm.ticks-value", JSON.stringify(newer));
    // cluster "", one host "a", end of array, then as before.
    const bytes = withId(id, Buffer.concat([Buffer.from([0, 2, 2, 0x61, 0]), tickBytes.subarray(6)]));
    expect(decoding(bytes)).toThrow(failure("ERR_RECORD_SCHEMA_UNKNOWN"));
    await codec.learn("carm.ticks", bytes);
    expect(plain(decoding(bytes)())).toEqual(samples["carm.ticks"]);
    expect(decoding(bytes.subarray(0, -1))).toThrow(failure("ERR_RECORD_MALFORMED"));
    const bomb = withId(id, Buffer.from([0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02, 0]));
    expect(decoding(bomb)).toThrow(failure("ERR_RECORD_MALFORMED"));
  });

  it("is read after learning it, with the default for a field that its writer did not know", async () => {
    const older = JSON.parse(recordSchemaText("carm.clusters"));
    older.fields = older.fields.filter((field: { name: string }) => field.name !== "powerCapWatts");
    const id = await registry.register("carm.clusters-value", JSON.stringify(older));
    const record = { ...samples["carm.clusters"], powerCapWatts: null };
    // The last field is null, one byte.
    const bytes = withId(id, codec.encode("carm.clusters", record).subarray(5, -1));
    await codec.learn("carm.clusters", bytes);
    expect(plain(codec.decode("carm.clusters", bytes))).toEqual(record);
  });

  it("is left for later, not called bad, while the registry does not answer", async () => {
    const down: SchemaRegistry = {
      ...registry,
      schema: () => Promise.reject(new Error("connection refused")),
    };
    const cutOff = await createCodec(down);
    await expect(cutOff.learn("carm.ticks", withId(9999, tickBytes.subarray(5)))).rejects.toThrow("refused");
  });
});

describe("the embedded registry", () => {
  it("gives the same text the same id and another text another", async () => {
    const fresh = embeddedRegistry();
    const id = await fresh.register("a", '"int"');
    expect(await fresh.register("b", '"int"')).toBe(id);
    expect(await fresh.register("a", '"long"')).not.toBe(id);
    expect(await fresh.schema(id)).toBe('"int"');
  });
});

/** Without classes and Buffers, for comparison by value. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}
