/**
 * Writes src/processor/state.generated.ts: the types of the processor's state entries and, as constants, the Avro
 * schemas they are stored with. Pure rooms read no files, so the schemas travel in the code. A test checks that the
 * committed file is what this script would write.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { declareRecord, type JsonObject, type Schema } from "./avro-types.ts";

const root = new URL("../", import.meta.url);
const target = new URL("src/processor/state.generated.ts", root);

/** Records of the public topics that are kept in state as they came. */
const keptRecords = ["cluster", "policy", "profile", "plan"];

/** The text of the generated file. */
export function generateState(): string {
  const publicNames = namedTypes("schemas/");
  const declarations = new Map<string, string>();
  const used = new Set<string>();
  const constants: string[] = [];

  for (const name of schemaFiles("schemas/state/")) {
    const schema = readSchema(`schemas/state/${name}`);
    declareRecord(schema, declarations, (reference) => {
      const short = reference.replace("carm.v1.", "");
      if (publicNames.has(short)) used.add(short);
      return short;
    });
    constants.push(constantText(String(schema["name"]), inlined(schema, publicNames, new Set())));
  }
  for (const name of keptRecords) {
    const schema = readSchema(`schemas/${name}`);
    constants.push(constantText(String(schema["name"]), schema));
  }

  return [
    "// Generated from schemas/ by scripts/generate-state.ts; do not edit.",
    "",
    `import type { ${[...used].sort().join(", ")} } from "../records/index.ts";`,
    "",
    ...declarations.values(),
    "/** Avro schemas of what is stored, by record name. */",
    "export const stateSchemas = {",
    ...constants,
    "};",
    "",
  ].join("\n");
}

function constantText(name: string, schema: Schema): string {
  return `  ${name}: ${JSON.stringify(withoutDocs(schema))},`;
}

function schemaFiles(folder: string): string[] {
  return readdirSync(new URL(folder, root))
    .filter((file) => file.endsWith(".avsc"))
    .map((file) => file.replace(/\.avsc$/, ""))
    .sort();
}

function readSchema(path: string): JsonObject {
  return JSON.parse(readFileSync(new URL(`${path}.avsc`, root), "utf8")) as JsonObject;
}

/** Every record and enum that the files of a folder define, by short name. */
function namedTypes(folder: string): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  const visit = (schema: unknown): void => {
    if (Array.isArray(schema)) for (const branch of schema) visit(branch);
    else if (typeof schema === "object" && schema !== null) {
      const object = schema as JsonObject;
      if (object["type"] === "record" || object["type"] === "enum") found.set(String(object["name"]), object);
      for (const value of Object.values(object)) visit(value);
    }
  };
  for (const name of schemaFiles(folder)) visit(readSchema(`${folder}${name}`));
  return found;
}

/** The schema with every `carm.v1.X` replaced by X's definition where it is first met, by its name after that. */
function inlined(schema: Schema, publicNames: Map<string, JsonObject>, seen: Set<string>): Schema {
  if (Array.isArray(schema)) return schema.map((branch) => inlined(branch, publicNames, seen));
  if (typeof schema === "string") {
    const short = schema.replace("carm.v1.", "");
    const definition = publicNames.get(short);
    if (definition === undefined || seen.has(short)) return schema;
    seen.add(short);
    return inlined({ ...definition, namespace: "carm.v1" }, publicNames, seen);
  }
  const entries = Object.entries(schema).map(([key, value]) =>
    key === "type" || key === "items"
      ? [key, inlined(value as Schema, publicNames, seen)]
      : key === "fields"
        ? [key, (value as JsonObject[]).map((field) => inlined(field, publicNames, seen))]
        : [key, value],
  );
  return Object.fromEntries(entries) as JsonObject;
}

function withoutDocs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDocs);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "doc");
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutDocs(child)]));
}

if (import.meta.main) writeFileSync(target, generateState());
