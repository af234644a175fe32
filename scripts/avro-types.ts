/** TypeScript types for Avro schemas. */

export type JsonObject = { [key: string]: unknown };
export type Schema = string | Schema[] | JsonObject;

/**
 * Declares a record or enum once and returns its name; the same name with another shape is an error.
 * `nameOf` turns a reference to a type that is not a primitive into the name to use for it.
 */
export function declareRecord(
  schema: JsonObject,
  declarations: Map<string, string>,
  nameOf: (reference: string) => string = (reference) => reference,
): string {
  const name = String(schema["name"]);
  const doc = schema["doc"] ? `/** ${schema["doc"]} */\n` : "";
  let text: string;
  if (schema["type"] === "enum") {
    const symbols = (schema["symbols"] as string[]).map((symbol) => JSON.stringify(symbol));
    text = `${doc}export type ${name} = ${symbols.join(" | ")};\n`;
  } else {
    const fields = (schema["fields"] as JsonObject[]).map((field) => {
      const fieldDoc = field["doc"] ? `  /** ${field["doc"]} */\n` : "";
      return `${fieldDoc}  ${field["name"]}: ${typeText(field["type"] as Schema, declarations, nameOf)};`;
    });
    text = `${doc}export interface ${name} {\n${fields.join("\n")}\n}\n`;
  }
  const known = declarations.get(name);
  if (known !== undefined && known !== text) throw new Error(`schemas/ define ${name} in two different ways`);
  declarations.set(name, text);
  return name;
}

function typeText(
  schema: Schema,
  declarations: Map<string, string>,
  nameOf: (reference: string) => string,
): string {
  if (Array.isArray(schema)) {
    // null last, as TypeScript reads best.
    return schema
      .map((branch) => typeText(branch, declarations, nameOf))
      .reverse()
      .join(" | ");
  }
  if (typeof schema === "string") return primitives[schema] ?? nameOf(schema);
  const type = schema["type"];
  if (type === "array") {
    const item = typeText(schema["items"] as Schema, declarations, nameOf);
    return item.includes("|") ? `(${item})[]` : `${item}[]`;
  }
  if (type === "record" || type === "enum") return declareRecord(schema, declarations, nameOf);
  return typeText(type as Schema, declarations, nameOf);
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
