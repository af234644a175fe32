import { startContainers } from "./containers.ts";
import { missingTools } from "./downloads.ts";
import { startLocal } from "./local.ts";

/** A broker and a schema registry to test against. */
export interface Brokers {
  /** `host:port`, joined by commas. */
  readonly kafkaBrokers: string;
  /** undefined if the broker was given without a registry. */
  readonly registryUrl: string | undefined;
  /** Where they come from, for people. */
  readonly origin: string;
  /** Stops what was started here. */
  stop(): Promise<void>;
}

/**
 * The broker that the environment names, else one in Docker, else one on this machine's JDK. undefined if there is
 * none to be had; why is logged.
 */
export async function openBrokers(log: (line: string) => void): Promise<Brokers | undefined> {
  const { KAFKA_BROKERS: kafkaBrokers, SCHEMA_REGISTRY_URL: registryUrl } = process.env;
  if (kafkaBrokers) {
    return {
      kafkaBrokers,
      registryUrl: registryUrl || undefined,
      origin: "KAFKA_BROKERS",
      stop: async () => {},
    };
  }
  try {
    const { bootstrap, registryUrl, stop } = await startContainers();
    return { kafkaBrokers: bootstrap, registryUrl, origin: "Docker", stop };
  } catch (error) {
    log(`Not from Docker: ${messageOf(error)}`);
  }
  const missing = await missingTools();
  if (missing.length > 0) {
    log(`Not from Maven Central: ${missing.join(" and ")} not found.`);
    return undefined;
  }
  const { kafka, registry, stop } = await startLocal(log);
  return { kafkaBrokers: kafka.bootstrap, registryUrl: registry.url, origin: "Maven Central", stop };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
