import { setTimeout as sleep } from "node:timers/promises";
import {
  COMPATIBILITY,
  SchemaRegistry as RegistryClient,
  SchemaType,
} from "@kafkajs/confluent-schema-registry";
import type { Type } from "avsc";
import { CarmError } from "./errors.ts";
import type { SchemaRegistry } from "./registry.ts";

export interface ConfluentRegistryOptions {
  /** Base URL of the Confluent-compatible API. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

const NOT_FOUND = 404;
const ATTEMPTS = 5;
const RETRY_DELAY_MS = 100;
const compatibility = COMPATIBILITY.BACKWARD_TRANSITIVE;

/**
 * A Confluent-compatible registry. Every subject is kept BACKWARD_TRANSITIVE. `register` throws ERR_REGISTRY_FAILED;
 * `schema` throws what the client throws if the registry can't be asked, as that is no fault of the record.
 */
export function confluentRegistry({ url, username, password }: ConfluentRegistryOptions): SchemaRegistry {
  const auth = username === undefined ? {} : { auth: { username, password: password ?? "" } };
  const client = new RegistryClient({ host: url, clientId: "carm", ...auth });
  return {
    async register(subject, schemaText) {
      const schema = { type: SchemaType.AVRO, schema: schemaText } as const;
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await client.getRegistryIdBySchema(subject, schema).catch(async (cause) => {
            // The client does not export its errors; this one says that the schema is not registered yet.
            if (!(cause instanceof Error && cause.name === "ConfluentSchemaRegistryError")) throw cause;
            return (await client.register(schema, { subject, compatibility })).id;
          });
        } catch (cause) {
          // Who registers the same at the same moment gets in the way of the first try only.
          if (attempt < ATTEMPTS) {
            await sleep(attempt * RETRY_DELAY_MS);
            continue;
          }
          const reason = cause instanceof Error ? cause.message : String(cause);
          const message = `${subject} can't be registered at ${url}: ${reason}`;
          throw new CarmError("ERR_REGISTRY_FAILED", message, { cause });
        }
      }
    },
    async schema(id) {
      try {
        // The registry's own text is not kept by the client; attributes are what makes this one say the same.
        return JSON.stringify(((await client.getSchema(id)) as Type).schema({ exportAttrs: true }));
      } catch (cause) {
        if ((cause as { status?: number }).status !== NOT_FOUND) throw cause;
        throw new CarmError("ERR_RECORD_SCHEMA_UNKNOWN", `The registry has no schema with id ${id}.`, {
          cause,
        });
      }
    },
  };
}
