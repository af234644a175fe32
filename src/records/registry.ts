import { CarmError } from "./errors.ts";

/** Where schemas are kept under ids: a Confluent-compatible registry, or the embedded one. */
export interface SchemaRegistry {
  /** The id of a schema, registering it under the subject if it is new. */
  register(subject: string, schemaText: string): Promise<number>;
  /** The schema with this id. Throws ERR_RECORD_SCHEMA_UNKNOWN if there is none. */
  schema(id: number): Promise<string>;
}

/** A registry in memory. As in a real one, the same text has the same id under every subject. */
export function embeddedRegistry(): SchemaRegistry {
  const schemas: string[] = [];
  return {
    async register(_subject, schemaText) {
      const known = schemas.indexOf(schemaText);
      return known >= 0 ? known + 1 : schemas.push(schemaText);
    },
    async schema(id) {
      const schemaText = schemas[id - 1];
      if (schemaText === undefined) {
        throw new CarmError("ERR_RECORD_SCHEMA_UNKNOWN", `The registry has no schema with id ${id}.`);
      }
      return schemaText;
    },
  };
}
