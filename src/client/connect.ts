import { createKafkaBroker, type KafkaBroker, type KafkaOptions } from "../broker/index.ts";
import { createCodec, type HttpRegistryOptions, httpRegistry, type RecordCodec } from "../records/index.ts";
import { type CarmClient, createClient } from "./client.ts";

export interface ConnectOptions extends KafkaOptions {
  /** Base URL of the Confluent-compatible schema registry, or that with a user and a password. */
  readonly schemaRegistry: string | HttpRegistryOptions;
}

/** An open log: the broker, and the codec with the ids that its registry gave. */
export interface OpenLog {
  readonly broker: KafkaBroker;
  readonly codec: RecordCodec;
}

/**
 * Connects to Kafka and its registry. Throws ERR_BROKER_UNREACHABLE, ERR_BROKER_FAILED or ERR_REGISTRY_UNREACHABLE, with
 * what to check.
 */
export async function openLog({ schemaRegistry, ...kafka }: ConnectOptions): Promise<OpenLog> {
  const broker = await createKafkaBroker(kafka);
  try {
    const registry = typeof schemaRegistry === "string" ? { url: schemaRegistry } : schemaRegistry;
    return { broker, codec: await createCodec(httpRegistry(registry)) };
  } catch (error) {
    await broker.close();
    throw error;
  }
}

/** A client on Kafka; it must be closed. Throws what `openLog` throws. */
export async function connect(options: ConnectOptions): Promise<CarmClient> {
  const { broker, codec } = await openLog(options);
  return await createClient({ broker, codec, onClose: () => broker.close() });
}
