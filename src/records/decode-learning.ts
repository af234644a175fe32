import type { RecordCodec } from "./codec.ts";
import { CarmError } from "./errors.ts";
import type { TopicRecords } from "./records.generated.ts";
import type { TopicName } from "./topics.ts";

/** Decodes a record; a schema that is new to this process is fetched once. Throws what `decode` and `learn` throw. */
export async function decodeLearning<T extends TopicName>(
  codec: RecordCodec,
  topic: T,
  bytes: Uint8Array,
): Promise<TopicRecords[T]> {
  try {
    return codec.decode(topic, bytes);
  } catch (cause) {
    if (!(cause instanceof CarmError) || cause.code !== "ERR_RECORD_SCHEMA_UNKNOWN") throw cause;
    await codec.learn(topic, bytes);
    return codec.decode(topic, bytes);
  }
}
