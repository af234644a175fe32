import { Buffer } from "node:buffer";
import avsc, { type Type } from "avsc";
import { avroType } from "./avro.ts";
import { asBuffer, type Buffered, buffered } from "./buffers.ts";
import { CarmError } from "./errors.ts";
import type { TopicRecords } from "./records.generated.ts";
import type { SchemaRegistry } from "./registry.ts";
import { recordSchemaText, recordTopics, type TopicName } from "./topics.ts";

/** Records to bytes and back: Avro in the registry's wire format (0, schema id in 4 bytes big-endian, payload). */
export interface RecordCodec {
  /** Throws ERR_RECORD_INVALID, with the field, if the value does not have the schema's shape. */
  encode<T extends TopicName>(topic: T, value: TopicRecords[T]): Uint8Array;
  /**
   * Throws ERR_RECORD_MALFORMED for bytes that are no record, ERR_RECORD_INVALID for a long beyond 2^52,
   * ERR_RECORD_SCHEMA_UNKNOWN for a schema id not yet learned or not of this topic's record.
   */
  decode<T extends TopicName>(topic: T, bytes: Uint8Array): TopicRecords[T];
  /**
   * Fetches the schema that `bytes` were written with, so that `decode` can resolve it to this topic's own. Call it
   * after ERR_RECORD_SCHEMA_UNKNOWN, then decode again. Throws ERR_RECORD_SCHEMA_UNKNOWN if that can't help, and
   * what the registry throws if it can't be asked: then try again later.
   */
  learn(topic: TopicName, bytes: Uint8Array): Promise<void>;
}

/** How records of one topic are read and written. */
interface TopicCodec {
  readonly id: number;
  readonly type: Type;
  /** Makes a value writable. */
  readonly buffered: Buffered | undefined;
  /** By id of the writer's schema; undefined resolves nothing, as for the topic's own. */
  readonly resolvers: Map<number, Resolver | undefined>;
}

type EnumType = avsc.types.EnumType;
type Resolver = ReturnType<Type["createResolver"]>;

const MAGIC = 0;
const HEADER_BYTES = 5;
const SCRATCH_BYTES = 64 * 1024;

/** Registers every topic's schema under `<topic>-value` and makes a codec that needs the registry no more. */
export async function createCodec(registry: SchemaRegistry): Promise<RecordCodec> {
  const topics = new Map<string, TopicCodec>();
  for (const topic of recordTopics()) {
    const schemaText = recordSchemaText(topic);
    const id = await registry.register(`${topic}-value`, schemaText);
    const type = avroType(schemaText);
    topics.set(topic, {
      id,
      type,
      buffered: buffered(type),
      resolvers: new Map([[id, undefined]]),
    });
  }
  return new AvroCodec(registry, topics);
}

class AvroCodec implements RecordCodec {
  readonly #registry: SchemaRegistry;
  readonly #topics: ReadonlyMap<string, TopicCodec>;
  #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  constructor(registry: SchemaRegistry, topics: ReadonlyMap<string, TopicCodec>) {
    this.#registry = registry;
    this.#topics = topics;
  }

  encode<T extends TopicName>(topic: T, value: TopicRecords[T]): Uint8Array {
    const { id, type, buffered } = this.#topic(topic);
    const writable = buffered === undefined ? value : buffered(value);
    let end: number;
    try {
      end = type.encode(writable, this.#scratch, HEADER_BYTES);
    } catch (cause) {
      throw new CarmError("ERR_RECORD_INVALID", `${topic}: ${describeMisfit(type, writable)}`, { cause });
    }
    if (end < 0) {
      // A negative result is the number of bytes that were missing.
      this.#scratch = Buffer.allocUnsafeSlow(2 * (this.#scratch.length - end));
      return this.encode(topic, value);
    }
    this.#scratch[0] = MAGIC;
    this.#scratch.writeUInt32BE(id, 1);
    return Buffer.from(this.#scratch.subarray(0, end));
  }

  decode<T extends TopicName>(topic: T, bytes: Uint8Array): TopicRecords[T] {
    const { type, resolvers } = this.#topic(topic);
    const buffer = asBuffer(bytes);
    const id = schemaId(topic, buffer);
    const resolver = resolvers.get(id);
    if (resolver === undefined && !resolvers.has(id)) {
      throw new CarmError("ERR_RECORD_SCHEMA_UNKNOWN", `${topic}: schema id ${id} is not known here.`);
    }
    const { value, offset } = decodePayload(topic, type, buffer, resolver);
    if (offset < 0) throw new CarmError("ERR_RECORD_MALFORMED", `${topic}: the record is truncated.`);
    if (offset < buffer.length) {
      const extra = buffer.length - offset;
      throw new CarmError("ERR_RECORD_MALFORMED", `${topic}: ${extra} bytes follow the record.`);
    }
    return value as TopicRecords[T];
  }

  async learn(topic: TopicName, bytes: Uint8Array): Promise<void> {
    const { type, resolvers } = this.#topic(topic);
    const id = schemaId(topic, asBuffer(bytes));
    if (resolvers.has(id)) return;
    const writerText = await this.#registry.schema(id);
    try {
      resolvers.set(id, type.createResolver(avroType(writerText)));
    } catch (cause) {
      const message = `${topic}: the schema with id ${id} can't be read as ${type.name}.`;
      throw new CarmError("ERR_RECORD_SCHEMA_UNKNOWN", message, { cause });
    }
  }

  #topic(topic: TopicName): TopicCodec {
    const found = this.#topics.get(topic);
    if (found === undefined)
      throw new CarmError("ERR_TOPIC_UNKNOWN", `No records are declared for ${topic}.`);
    return found;
  }
}

function schemaId(topic: string, buffer: Buffer): number {
  if (buffer.length < HEADER_BYTES) {
    throw new CarmError("ERR_RECORD_MALFORMED", `${topic}: ${buffer.length} bytes are no record.`);
  }
  if (buffer[0] !== MAGIC) {
    throw new CarmError("ERR_RECORD_MALFORMED", `${topic}: the first byte is ${buffer[0]}, not ${MAGIC}.`);
  }
  return buffer.readUInt32BE(1);
}

function decodePayload(topic: string, type: Type, buffer: Buffer, resolver: Resolver | undefined) {
  try {
    return type.decode(buffer, HEADER_BYTES, resolver);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const code = cause instanceof CarmError ? cause.code : "ERR_RECORD_MALFORMED";
    throw new CarmError(code, `${topic}: ${reason}`, { cause });
  }
}

/** Which field does not have the schema's type. */
function describeMisfit(type: Type, value: unknown): string {
  let misfit = "the value does not have the schema's shape.";
  type.isValid(value, {
    errorHook: (path, found, expected: Type) => {
      const isEnum = avsc.Type.isType(expected, "enum");
      const wanted = isEnum ? `one of ${(expected as EnumType).symbols.join(", ")}` : expected.typeName;
      misfit = `${path.join(".") || "the record"} is ${String(found)}, not ${wanted}.`;
    },
  });
  return misfit;
}
