import { setTimeout as sleep } from "node:timers/promises";
import { CarmError } from "./errors.ts";
import type { SchemaRegistry } from "./registry.ts";

export interface HttpRegistryOptions {
  /** Base URL of the Confluent-compatible interface. A user and password in it are taken for these below. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What subjects are set to: a reader of the newest schema reads everything that was ever written. */
export const compatibilityLevel = "BACKWARD_TRANSITIVE";

/** A Confluent-compatible registry, and what an operator of schemas needs beyond what records need. */
export interface HttpRegistry extends SchemaRegistry {
  /** The latest schema under a subject, or undefined. */
  latest(subject: string): Promise<string | undefined>;
  /** How far schemas under a subject must be compatible, or undefined if nothing is set for it alone. */
  compatibility(subject: string): Promise<string | undefined>;
  setCompatibility(subject: string, level: string): Promise<void>;
  /** What keeps a schema from following those under the subject; empty if nothing does. */
  incompatibilities(subject: string, schemaText: string): Promise<readonly string[]>;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const TIMEOUT_MS = 5_000;
const ATTEMPTS = 3;
const RETRY_DELAY_MS = 200;
/** An id that the registry does not know is not asked for again for this long, however many records have it. */
const UNKNOWN_FOR_MS = 30_000;
const OK = 200;
const NOT_FOUND = 404;
const CONFLICT = 409;

/**
 * New subjects are kept BACKWARD_TRANSITIVE. Schemas by id never change, so each is fetched once: without the registry, everything goes on that needs no schema
 * not seen before. Every call throws ERR_REGISTRY_UNREACHABLE if the registry can't be asked.
 */
export function httpRegistry(options: HttpRegistryOptions): HttpRegistry {
  const schemas = new Map<number, Promise<string>>();

  async function fetchSchema(id: number): Promise<string> {
    const { status, body } = await ask(options, "GET", `/schemas/ids/${id}`);
    if (status !== NOT_FOUND) return String(body["schema"]);
    setTimeout(() => schemas.delete(id), UNKNOWN_FOR_MS).unref();
    throw new CarmError("ERR_RECORD_SCHEMA_UNKNOWN", `The registry has no schema with id ${id}.`);
  }

  async function lookUp(subject: string, schemaText: string): Promise<number | undefined> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    const { status, body } = await ask(options, "POST", path, { schema: schemaText });
    return status === OK ? Number(body["id"]) : undefined;
  }

  async function setCompatibility(subject: string, level: string): Promise<void> {
    await ask(options, "PUT", `/config/${encodeURIComponent(subject)}`, { compatibility: level });
  }

  return {
    async register(subject, schemaText) {
      const known = await lookUp(subject, schemaText);
      if (known !== undefined) return known;
      await setCompatibility(subject, compatibilityLevel);
      const { status, body } = await ask(options, "POST", versions(subject), { schema: schemaText });
      if (status !== CONFLICT) return Number(body["id"]);
      // Whoever registers the same at the same moment is no conflict.
      const registered = await lookUp(subject, schemaText);
      if (registered !== undefined) return registered;
      throw new CarmError(
        "ERR_SCHEMA_INCOMPATIBLE",
        `The schema can't follow those under ${subject}: ${body["message"]} \`carm topics diff\` lists all differences.`,
      );
    },
    schema(id) {
      let found = schemas.get(id);
      if (found === undefined) {
        found = fetchSchema(id);
        schemas.set(id, found);
        found.catch((error) => {
          if (error instanceof CarmError && error.code === "ERR_REGISTRY_UNREACHABLE") schemas.delete(id);
        });
      }
      return found;
    },
    async latest(subject) {
      const { status, body } = await ask(options, "GET", `${versions(subject)}/latest`);
      return status === NOT_FOUND ? undefined : String(body["schema"]);
    },
    async compatibility(subject) {
      const { status, body } = await ask(options, "GET", `/config/${encodeURIComponent(subject)}`);
      return status === NOT_FOUND ? undefined : String(body["compatibilityLevel"]);
    },
    setCompatibility,
    async incompatibilities(subject, schemaText) {
      const path = `/compatibility${versions(subject)}?verbose=true`;
      const { status, body } = await ask(options, "POST", path, { schema: schemaText });
      if (status === NOT_FOUND || body["is_compatible"] === true) return [];
      // Confluent's registry has a list; Apicurio's has one sentence.
      const messages = body["messages"] ?? [body["reason"]];
      return (messages as readonly unknown[]).map(String);
    },
  };
}

function versions(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}/versions`;
}

/** Answers with 404 and 409 are the caller's to judge. */
async function ask(
  options: HttpRegistryOptions,
  method: string,
  path: string,
  content?: object,
): Promise<Answer> {
  const { base, headers } = target(options);
  let failure: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const response = await fetch(base + path, {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      });
      const text = await response.text();
      if (response.status < 500) return answer(base, response.status, text);
      failure = `status ${response.status}`;
    } catch (error) {
      if (error instanceof CarmError) throw error;
      failure = error;
    }
    if (attempt < ATTEMPTS) await sleep(RETRY_DELAY_MS * attempt);
  }
  const reason = failure instanceof Error ? (failure.cause ?? failure) : failure;
  const message = `The schema registry at ${base} can't be asked (${reason}). Check SCHEMA_REGISTRY_URL, and that it runs.`;
  throw new CarmError("ERR_REGISTRY_UNREACHABLE", message, { cause: failure });
}

function answer(base: string, status: number, text: string): Answer {
  const body = parse(text);
  if (body === undefined || (status >= 400 && body["error_code"] === undefined)) {
    const message = `${base} does not answer as a Confluent-compatible schema registry (status ${status}).`;
    throw new CarmError("ERR_REGISTRY_REFUSED", `${message} For Apicurio the URL ends in /apis/ccompat/v7.`);
  }
  if (status >= 400 && status !== NOT_FOUND && status !== CONFLICT) {
    throw new CarmError("ERR_REGISTRY_REFUSED", `The schema registry refuses: ${body["message"]}`);
  }
  return { status, body };
}

function parse(text: string): Answer["body"] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Answer["body"]) : undefined;
  } catch {
    return undefined;
  }
}

function target(options: HttpRegistryOptions): { base: string; headers: Record<string, string> } {
  const url = new URL(options.url);
  const username = options.username ?? decodeURIComponent(url.username);
  const password = options.password ?? decodeURIComponent(url.password);
  url.username = "";
  url.password = "";
  const headers: Record<string, string> = {
    accept: "application/vnd.schemaregistry.v1+json, application/json",
    "content-type": "application/vnd.schemaregistry.v1+json",
  };
  if (username !== "") {
    headers["authorization"] = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }
  return { base: url.toString().replace(/\/$/, ""), headers };
}
