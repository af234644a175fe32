/**
 * Writes src/records/records.generated.ts: a TypeScript type for every record in schemas/ and the table of topics
 * in topics/. A test checks that the committed file is what this script would write.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { recordTopics, topicDeclaration } from "../src/records/topics.ts";
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

  const topicLines = recordTopics().map(
    (topic) => `  ${JSON.stringify(topic)}: ${recordNames.get(String(topicDeclaration(topic).schema))};`,
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
  return JSON.parse(readFileSync(new URL(`schemas/${name}.avsc`, root), "utf8")) as JsonObject;
}

if (import.meta.main) writeFileSync(target, generateRecords());
