import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { CarmError } from "./errors.ts";
import type { TopicRecords } from "./records.generated.ts";

/** A topic that carries records with a schema. */
export type TopicName = keyof TopicRecords;

const declarationShape = z.strictObject({
  name: z.string().regex(/^carm\.[a-z.-]+$/),
  /** Name of a file in schemas/, without its ending; null for raw bytes. */
  schema: z.string().nullable(),
  /** Paths into the record, joined by "/", whose values make the record's key. */
  key: z.string().min(1),
  partitions: z.int().positive(),
  cleanup: z.enum(["compact", "delete"]),
  /** -1 keeps records for ever. */
  retentionMs: z.int().min(-1),
  timestamps: z.enum(["CreateTime", "LogAppendTime"]),
  writers: z.array(z.string()).min(1),
  readers: z.array(z.string()).min(1),
});

/** What a file in topics/ says. It is also a `TopicSpec` of the broker port. */
export interface TopicDeclaration extends z.infer<typeof declarationShape> {
  /** The key's paths, each split at its dots; empty for a topic without a schema. */
  readonly keyPaths: readonly (readonly string[])[];
}

// topics/ and schemas/ lie beside src/ and beside dist/.
const packageRoot = new URL("../../", import.meta.url);

let declarations: ReadonlyMap<string, TopicDeclaration> | undefined;

/** Every topic in topics/, by name; read once. */
export function topicDeclarations(): readonly TopicDeclaration[] {
  return [...declarationsByName().values()];
}

/** One topic. Throws ERR_TOPIC_UNKNOWN. */
export function topicDeclaration(name: string): TopicDeclaration {
  const declaration = declarationsByName().get(name);
  if (declaration === undefined) {
    throw new CarmError("ERR_TOPIC_UNKNOWN", `There is no topic ${JSON.stringify(name)} in topics/.`);
  }
  return declaration;
}

/** The topics that carry records with a schema. */
export function recordTopics(): readonly TopicName[] {
  return topicDeclarations()
    .filter((topic) => topic.schema !== null)
    .map((topic) => topic.name as TopicName);
}

/** The key of a record, for example `lab/job/17`. Compaction keeps the latest record of a key. */
export function recordKey<T extends TopicName>(topic: T, value: TopicRecords[T]): string {
  const paths = topicDeclaration(topic).keyPaths;
  let key = "";
  for (let i = 0; i < paths.length; i++) {
    let part: unknown = value;
    for (const field of paths[i]!) part = (part as Record<string, unknown>)[field];
    key += i === 0 ? String(part) : `/${part}`;
  }
  return key;
}

/** The Avro schema of the records of a topic, as text without white space. */
export function recordSchemaText(topic: TopicName): string {
  const { schema } = topicDeclaration(topic);
  return JSON.stringify(JSON.parse(readFileSync(new URL(`schemas/${schema}.avsc`, packageRoot), "utf8")));
}

function declarationsByName(): ReadonlyMap<string, TopicDeclaration> {
  declarations ??= readDeclarations(new URL("topics/", packageRoot));
  return declarations;
}

function readDeclarations(folder: URL): ReadonlyMap<string, TopicDeclaration> {
  const found = new Map<string, TopicDeclaration>();
  for (const file of readdirSync(folder).sort()) {
    const parsed = declarationShape.safeParse(parse(readFileSync(new URL(file, folder), "utf8")));
    if (!parsed.success) {
      const detail = z.prettifyError(parsed.error);
      throw new CarmError("ERR_INTERNAL", `topics/${file} is not a topic declaration: ${detail}`);
    }
    const { data } = parsed;
    const keyPaths = data.schema === null ? [] : data.key.split("/").map((path) => path.split("."));
    found.set(data.name, { ...data, keyPaths });
  }
  return found;
}
