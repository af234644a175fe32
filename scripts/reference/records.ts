import { readdirSync, readFileSync } from "node:fs";
import type { JsonObject, Schema } from "../avro-types.ts";
import { page, table } from "./markdown.ts";

const folder = new URL("../../schemas/", import.meta.url);

export function recordsPage(): string {
  const files = readdirSync(folder).filter((file) => file.endsWith(".avsc"));
  const sections = files.sort().map((file) => {
    const schema = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as JsonObject;
    const rows: string[][] = [];
    addFields(schema, "", rows);
    return `## ${file.replace(/\.avsc$/, "")}\n\n${schema["doc"] ?? ""}\n\n${table(["field", "type", "meaning"], rows)}`;
  });
  return page(
    "Records",
    "Avro, in the Confluent wire format. Times are epoch milliseconds, UTC. Names carry units. Schemas change only in ways that older readers and writers survive (BACKWARD_TRANSITIVE).",
    ...sections,
  );
}

function addFields(record: JsonObject, prefix: string, rows: string[][]): void {
  for (const field of record["fields"] as JsonObject[]) {
    const name = `${prefix}${field["name"]}`;
    const type = field["type"] as Schema;
    rows.push([`\`${name}\``, typeName(type), String(field["doc"] ?? "")]);
    const { nested, mark } = nestedRecord(type);
    if (nested !== undefined) addFields(nested, `${name}${mark}.`, rows);
  }
}

function typeName(type: Schema): string {
  if (typeof type === "string") return type;
  if (Array.isArray(type)) {
    return type
      .filter((branch) => branch !== "null")
      .map(typeName)
      .concat(type.includes("null") ? ["or null"] : [])
      .join(" ");
  }
  if (type["type"] === "array") return `list of ${typeName(type["items"] as Schema)}`;
  if (type["type"] === "enum")
    return (type["symbols"] as string[]).map((symbol) => `\`${symbol}\``).join(", ");
  if (type["type"] === "record") return String(type["name"]);
  return type["logicalType"] === "timestamp-millis" ? "time" : typeName(type["type"] as Schema);
}

/** The record within a type, and how a path to its fields is written. */
function nestedRecord(type: Schema): { nested?: JsonObject; mark: string } {
  if (Array.isArray(type)) return nestedRecord(type.find((branch) => branch !== "null") ?? "null");
  if (typeof type === "string") return { mark: "" };
  if (type["type"] === "array") return { ...nestedRecord(type["items"] as Schema), mark: "[]" };
  return type["type"] === "record" ? { nested: type, mark: "" } : { mark: "" };
}
