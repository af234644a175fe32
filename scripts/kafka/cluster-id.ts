import { randomBytes } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { silenceNegativeTimeouts } from "../../src/broker/kafka/negative-timeout.ts";

/** As Kafka writes a random UUID; a leading dash would be taken for an option. */
export function newClusterId(): string {
  const id = randomBytes(16).toString("base64url");
  return id.startsWith("-") ? newClusterId() : id;
}

/** The id of the cluster that answers there: an open port alone proves nothing. */
export async function clusterIdAt(bootstrap: string): Promise<string> {
  silenceNegativeTimeouts();
  const kafka = new Kafka({
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).clusterId;
  } finally {
    await admin.disconnect();
  }
}
