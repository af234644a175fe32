/**
 * Writes src/records/records.generated.ts: a TypeScript type for every record in schemas/ and the table of topics
 * in topics/. A test checks that the committed file is what this script would write.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

type Schema = string | Schema[] | { [key: string]: unknown };

const root = new URL("../", import.meta.url);
const target = new URL("src/records/records.generated.ts", root);

/** The text of the generated file. */
export function generateRecords(): string {
  const declarations = new Map<string, string>();
  const schemaNames = readdirSync(new URL("schemas/", root))
    .filter((file) => file.endsWith(".avsc"))
    .map((file) => file.replace(/\.avsc$/, ""))
    .sort();
  const recordNames = new Map(
    schemaNames.map((name) => [name, declareRecord(readSchema(name), declarations)]),
  );

  const topics = readdirSync(new URL("topics/", root))
    .sort()
    .map(
      (file) =>
        parse(readFileSync(new URL(`topics/${file}`, root), "utf8")) as {
          name: string;
          schema: string | null;
        },
    )
    .filter((topic) => topic.schema !== null);
  const topicLines = topics.map(
    (topic) => `  ${JSON.stringify(topic.name)}: ${recordNames.get(topic.schema as string)};`,
  );

  return [
    "// Generated from schemas/ and topics/ by scripts/generate-records.ts; do not edit.",
    "",
    ...declarations.values(),
    "/** The record type that each topic carries. */",
    "export interface TopicRecords {",
    ...topicLines,
    "}",
    "",
  ].join("\n");
}

function readSchema(name: string): { [key: string]: unknown } {
  return JSON.parse(readFileSync(new URL(`schemas/${name}.avsc`, root), "utf8")) as {
    [key: string]: unknown;
  };
}

/** Declares a record or enum once; the same name with another shape is an error. */
function declareRecord(schema: { [key: string]: unknown }, declarations: Map<string, string>): string {
  const name = String(schema["name"]);
  const doc = schema["doc"] ? `/** ${schema["doc"]} */\n` : "";
  let text: string;
  if (schema["type"] === "enum") {
    const symbols = (schema["symbols"] as string[]).map((symbol) => JSON.stringify(symbol));
    text = `${doc}export type ${name} = ${symbols.join(" | ")};\n`;
  } else {
    const fields = (schema["fields"] as { [key: string]: unknown }[]).map((field) => {
      const fieldDoc = field["doc"] ? `  /** ${field["doc"]} */\n` : "";
      return `${fieldDoc}  ${field["name"]}: ${typeText(field["type"] as Schema, declarations)};`;
    });
    text = `${doc}export interface ${name} {\n${fields.join("\n")}\n}\n`;
  }
  const known = declarations.get(name);
  if (known !== undefined && known !== text) throw new Error(`schemas/ define ${name} in two different ways`);
  declarations.set(name, text);
  return name;
}

function typeText(schema: Schema, declarations: Map<string, string>): string {
  if (Array.isArray(schema))
    return schema
      .map((branch) => typeText(branch, declarations))
      .reverse()
      .join(" | ");
  if (typeof schema === "string") return primitives[schema] ?? schema;
  const type = schema["type"];
  if (type === "array") {
    const item = typeText(schema["items"] as Schema, declarations);
    return item.includes("|") ? `(${item})[]` : `${item}[]`;
  }
  if (type === "record" || type === "enum") return declareRecord(schema, declarations);
  return typeText(type as Schema, declarations);
}

const primitives: { [avro: string]: string } = {
  null: "null",
  boolean: "boolean",
  int: "number",
  long: "number",
  float: "number",
  double: "number",
  string: "string",
  bytes: "Uint8Array",
};

if (import.meta.main) writeFileSync(target, generateRecords());
