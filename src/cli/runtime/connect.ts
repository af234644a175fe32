import type { KafkaOptions } from "../../broker/index.ts";
import { openLog } from "../../client/index.ts";
import type { Connection } from "./cli-context.ts";
import { required } from "./config.ts";
import type { Logger } from "./logger.ts";
import type { Config } from "./settings.ts";

/** Connects to the Kafka and the registry that the configuration names. Throws what they throw, as CarmErrors. */
export async function connectKafka(config: Config, log: Logger): Promise<Connection> {
  const url = required(config.schemaRegistry.url, "schemaRegistry.url");
  const schemaRegistry = { ...config.schemaRegistry, url };
  const { broker, codec } = await openLog({ ...kafkaOptions(config, log), schemaRegistry });
  return { broker, codec, logIdentity: broker.clusterId, close: () => broker.close() };
}

/** How the configuration says that Kafka is reached. */
export function kafkaOptions({ kafka }: Config, log: Logger): KafkaOptions {
  const { clientId, ssl, saslMechanism } = kafka;
  return {
    brokers: required(kafka.brokers, "kafka.brokers"),
    clientId,
    ...(ssl ? { ssl } : {}),
    ...(saslMechanism === undefined
      ? {}
      : {
          sasl: {
            mechanism: saslMechanism,
            username: required(kafka.saslUsername, "kafka.saslUsername"),
            password: required(kafka.saslPassword, "kafka.saslPassword"),
          } as never,
        }),
    log: (level, message, { error, broker: from, groupId }) => {
      // What a broker answers is tried again or thrown; that it does not answer at all is news.
      const isNews = level === "error" && message.startsWith("Connection: Connection");
      log[isNews ? "warn" : "debug"]({ broker: from, groupId, error }, `kafkajs: ${message}`);
    },
  };
}
