import fc from "fast-check";
import { expect, it } from "vitest";
import {
  CarmError,
  createCodec,
  embeddedRegistry,
  recordKey,
  recordTopics,
  type TopicName,
  validateRecord,
} from "../../src/records/index.ts";
import { arbitraryRecord } from "./arbitrary-record.ts";
import { samples } from "./samples.ts";

const codec = await createCodec(embeddedRegistry());
const RUNS = 300;

/** Takes bytes in as a task does. True if a record came of them; anything but a coded refusal is a defect. */
function admits(topic: TopicName, bytes: Uint8Array): boolean {
  let value: ReturnType<typeof codec.decode>;
  try {
    value = codec.decode(topic, bytes);
    validateRecord(topic, value);
  } catch (error) {
    if (!(error instanceof CarmError)) throw error;
    expect(error.code).toMatch(/^ERR_RECORD_(MALFORMED|SCHEMA_UNKNOWN|INVALID)$/);
    return false;
  }
  // What is let in can be used: it has a key and can be written again.
  expect(recordKey(topic, value)).toEqual(expect.any(String));
  expect(codec.encode(topic, value).length).toBeGreaterThan(5);
  return true;
}

const mutation = fc.oneof(
  fc.record({ do: fc.constant("set" as const), at: fc.nat(), byte: fc.nat(255) }),
  fc.record({ do: fc.constant("insert" as const), at: fc.nat(), byte: fc.nat(255) }),
  fc.record({ do: fc.constant("cut" as const), at: fc.nat(), byte: fc.constant(0) }),
  fc.record({ do: fc.constant("remove" as const), at: fc.nat(), byte: fc.constant(0) }),
);

type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

function mutate(bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  const changed = [...bytes];
  for (const { do: kind, at, byte } of mutations) {
    const place = at % (changed.length + 1);
    if (kind === "set") changed[place] = byte;
    else if (kind === "insert") changed.splice(place, 0, byte);
    else if (kind === "remove") changed.splice(place, 1);
    else changed.length = place;
  }
  return Uint8Array.from(changed);
}

it.each(recordTopics())("random bytes on %s are refused with a code", (topic) => {
  const header = codec.encode(topic, samples[topic]).subarray(0, 5);
  const anyBytes = fc.uint8Array({ maxLength: 80 });
  const bytes = fc.oneof(
    anyBytes,
    anyBytes.map((payload) => Uint8Array.from([...header, ...payload])),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      admits(topic, input);
    }),
    { numRuns: RUNS, seed: 7 },
  );
});

it.each(recordTopics())("mutated records on %s give a valid record or a refusal with a code", (topic) => {
  const record = codec.encode(topic, samples[topic]);
  expect(admits(topic, record)).toBe(true);
  let refused = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      if (!admits(topic, mutate(record, mutations))) refused++;
    }),
    { numRuns: RUNS, seed: 8 },
  );
  expect(refused).toBeGreaterThan(RUNS / 10);
});

it.each(recordTopics())("records on %s with any values of the right type are valid or refused", (topic) => {
  fc.assert(
    fc.property(arbitraryRecord(topic), (record) => {
      admits(topic, codec.encode(topic, record));
    }),
    { numRuns: 100, seed: 9 },
  );
});
