/**
 * Writes src/records/records.generated.ts: a TypeScript type for every record in schemas/ and the table of topics
 * in topics/. A test checks that the committed file is what this script would write.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";
import { declareRecord, type JsonObject } from "./avro-types.ts";

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

function readSchema(name: string): JsonObject {
  return JSON.parse(readFileSync(new URL(`schemas/${name}.avsc`, root), "utf8")) as {
    [key: string]: unknown;
  };
}

if (import.meta.main) writeFileSync(target, generateRecords());
