import fc from "fast-check";
import { MAX_LONG } from "../../src/records/avro.ts";
import { recordSchemaText, type TopicName } from "../../src/records/topics.ts";

type Schema = string | readonly Schema[] | { readonly [attribute: string]: unknown };

/** Records of the shape that a topic's schema gives; their values need not make sense. */
export function arbitraryRecord(topic: TopicName): fc.Arbitrary<never> {
  return arbitrary(JSON.parse(recordSchemaText(topic)), new Map()) as fc.Arbitrary<never>;
}

function arbitrary(schema: Schema, named: Map<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  if (Array.isArray(schema)) return fc.oneof(...schema.map((branch: Schema) => arbitrary(branch, named)));
  if (typeof schema === "string") return primitives[schema] ?? named.get(schema)!;
  const { type, items, symbols, fields, name } = schema as Record<string, never>;
  if (type === "array") return fc.array(arbitrary(items, named), { maxLength: 4 });
  const made =
    type === "enum"
      ? fc.constantFrom(...(symbols as string[]))
      : type === "record"
        ? fc.record(
            Object.fromEntries(
              (fields as { name: string; type: Schema }[]).map((f) => [f.name, arbitrary(f.type, named)]),
            ),
            { noNullPrototype: true },
          )
        : arbitrary(type, named);
  if (name !== undefined) named.set(name, made);
  return made;
}

const primitives: { readonly [type: string]: fc.Arbitrary<unknown> } = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  int: fc.integer(),
  long: fc.integer({ min: -MAX_LONG, max: MAX_LONG }),
  float: fc.float(),
  double: fc.double(),
  string: fc.string({ unit: "grapheme" }),
  bytes: fc.uint8Array({ maxLength: 20 }),
};
