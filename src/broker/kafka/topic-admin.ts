import { setTimeout as sleep } from "node:timers/promises";
import type { Admin, DescribeConfigResponse } from "kafkajs";

/** A topic as Kafka has it. */
export interface TopicState {
  readonly name: string;
  readonly partitions: number;
  /** By Kafka's names, defaults included. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Kafka's number for settings of a topic; kafkajs's own name for it is not seen by an import. */
const TOPIC_RESOURCE = 2;
/** Kafka's number for a setting that was made for this topic alone. */
const SET_FOR_TOPIC = 1;

const SERVED_WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 50;

/** Waits until every partition of these new topics has a leader. Throws what Kafka last said if that takes too long. */
export async function untilServed(admin: Admin, topics: string[]): Promise<void> {
  for (const endsAt = performance.now() + SERVED_WITHIN_MS; ; await sleep(ASK_AGAIN_MS)) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics });
      const isServed = metadata.topics.every(({ partitions }) =>
        partitions.every(({ leader }) => leader >= 0),
      );
      if (isServed || performance.now() > endsAt) return;
    } catch (error) {
      if (performance.now() > endsAt) throw error;
    }
  }
}

export async function describeTopics(admin: Admin, names: readonly string[]): Promise<TopicState[]> {
  const all = new Set(await admin.listTopics());
  const existing = names.filter((name) => all.has(name));
  if (existing.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: existing });
  const configs = await describeConfigs(admin, existing);
  return topics.map(({ name, partitions }) => {
    const entries = configs.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
    const settings = Object.fromEntries(
      entries.map(({ configName, configValue }) => [configName, configValue]),
    );
    return { name, partitions: partitions.length, settings };
  });
}

/** The request that kafkajs knows replaces everything that was set for the topic, so that is sent again. */
export async function alterTopic(
  admin: Admin,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const [topic] = await describeConfigs(admin, [name]);
  const before = topic!.configEntries
    .filter(({ configSource }) => Number(configSource) === SET_FOR_TOPIC)
    .map(({ configName, configValue }) => [configName, configValue]);
  const after = { ...Object.fromEntries(before), ...settings };
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: TOPIC_RESOURCE,
        name,
        configEntries: Object.entries(after).map(([key, value]) => ({ name: key, value: String(value) })),
      },
    ],
  });
}

async function describeConfigs(
  admin: Admin,
  names: readonly string[],
): Promise<DescribeConfigResponse["resources"]> {
  const resources = names.map((name) => ({ type: TOPIC_RESOURCE, name }));
  return (await admin.describeConfigs({ includeSynonyms: false, resources })).resources;
}
