import { type Broker, type IncomingRecord, readToEnd } from "../broker/index.ts";
import {
  CarmError,
  decodeLearning,
  partitionOf,
  type RecordCodec,
  type TopicName,
  topicDeclaration,
  validateRecord,
} from "../records/index.ts";
import { resumeHeader } from "./headers.ts";
import type { Processor } from "./processor.ts";

/**
 * Ends the quarantine of a cluster: puts all that is set for it on the log again, each record with the header that says
 * so. What was set while the cluster was quarantined counts from now on too. Throws ERR_OPTION_INVALID if nothing is
 * set for a cluster of this name.
 */
export async function resumeCluster(
  broker: Broker,
  codec: RecordCodec,
  processor: Pick<Processor, "inputs">,
  cluster: string,
): Promise<void> {
  const settings: IncomingRecord[] = [];
  for (const topic of processor.inputs) {
    if (topicDeclaration(topic).cleanup !== "compact") continue;
    settings.push(...(await latestOf(broker, codec, topic, cluster)));
  }
  if (settings.length === 0) {
    throw new CarmError(
      "ERR_OPTION_INVALID",
      `Nothing is set for ${cluster}; check the name, or use carm cluster declare ${cluster} first.`,
    );
  }
  const timestamp = Math.max(...settings.map((record) => record.timestamp));
  const producer = await broker.producer();
  try {
    await producer.send(
      settings.map(({ topic, partition, key, value, headers }) => ({
        topic,
        partition,
        key,
        value,
        timestamp,
        headers: { ...headers, [resumeHeader]: Buffer.alloc(0) },
      })),
    );
  } finally {
    await producer.close();
  }
}

/** The latest record of each key that is a cluster's, oldest first. */
async function latestOf(
  broker: Broker,
  codec: RecordCodec,
  topic: TopicName,
  cluster: string,
): Promise<IncomingRecord[]> {
  const partition = partitionOf(cluster, await broker.partitionCount(topic));
  const latest = new Map<string, IncomingRecord>();
  for await (const record of readToEnd(broker, { topic, partition })) {
    const key = Buffer.from(record.key ?? []).toString("latin1");
    latest.delete(key);
    if (record.value === null) continue;
    if ((await clusterOf(codec, topic, record.value)) === cluster) latest.set(key, record);
  }
  return [...latest.values()];
}

/** undefined for a record that can't be used and is a dead letter already. */
async function clusterOf(
  codec: RecordCodec,
  topic: TopicName,
  value: Uint8Array,
): Promise<string | undefined> {
  try {
    const decoded = await decodeLearning(codec, topic, value);
    validateRecord(topic, decoded);
    return decoded.cluster;
  } catch (error) {
    if (error instanceof CarmError && error.code.startsWith("ERR_RECORD_")) return undefined;
    throw error;
  }
}
