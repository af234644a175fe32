import type { ConnectionOptions } from "node:tls";
import { type Cluster, Kafka, logLevel, type SASLOptions } from "kafkajs";
import { silenceNegativeTimeouts } from "./negative-timeout.ts";

/** How to reach a Kafka cluster. */
export interface KafkaOptions {
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  /** TLS: true for the system's authorities, or the options of node:tls. */
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: SASLOptions;
  /** Copies of each partition of a new topic; by default what the cluster says. */
  readonly replicationFactor?: number;
  /** A member of a group that is silent for this long loses its partitions. */
  readonly sessionTimeoutMs?: number;
  /** A transaction that is left alone for this long is aborted by the broker. */
  readonly transactionTimeoutMs?: number;
  /** Warnings and errors of the connection; nothing by default. */
  readonly log?: (
    level: "warn" | "error",
    message: string,
    details: Readonly<Record<string, unknown>>,
  ) => void;
}

/** Two ways to use one cluster. */
export interface Connection {
  readonly options: KafkaOptions;
  /** Gives up after some seconds: for what is tried again by whoever asked. */
  readonly brisk: Kafka;
  /**
   * For producers. A transaction that follows another at once is told CONCURRENT_TRANSACTIONS while the broker writes
   * the markers of the last; kafkajs's own 300 ms before it tries again would be most of a commit.
   */
  readonly patient: Kafka;
}

const retrying = { factor: 0.2, multiplier: 2 };

export function connection(options: KafkaOptions): Connection {
  silenceNegativeTimeouts();
  const { brokers, clientId = "carm", ssl, sasl, log } = options;
  const common = {
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3_000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    logLevel: log === undefined ? logLevel.NOTHING : logLevel.WARN,
    logCreator: () => (entry: LogEntry) => forward(entry, log),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
  };
  return {
    options,
    brisk: new Kafka({
      ...common,
      retry: { ...retrying, initialRetryTime: 50, maxRetryTime: 1_000, retries: 5 },
    }),
    patient: new Kafka({
      ...common,
      retry: { ...retrying, initialRetryTime: 20, maxRetryTime: 1_000, retries: 50 },
    }),
  };
}

type LogEntry = Parameters<ReturnType<NonNullable<ConstructorParameters<typeof Kafka>[0]["logCreator"]>>>[0];

function forward(
  { level, namespace, log: { message, ...details } }: LogEntry,
  log: KafkaOptions["log"],
): void {
  // 50 retries are what the research of this adapter found enough; an endless wait would hide an outage.
  if (message.startsWith("Limiting retries for the idempotent producer")) return;
  log?.(level === logLevel.ERROR ? "error" : "warn", `${namespace}: ${message}`, details);
}

/**
 * Connections of their own to the cluster, as kafkajs gives them to the assigner of a consumer. A broker answers the
 * requests of one connection in turn, so whoever waits long for records needs connections that nobody else uses.
 */
export async function openCluster(kafka: Kafka, topics: readonly string[]): Promise<Cluster> {
  let captured: Cluster | undefined;
  kafka.consumer({
    groupId: "carm-reader-without-a-group",
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        captured = cluster;
        return {
          name: "none",
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: "none", metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  await captured!.connect();
  if (topics.length > 0) await captured!.addMultipleTargetTopics([...topics]);
  return captured!;
}
