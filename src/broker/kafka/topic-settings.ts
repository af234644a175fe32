import type { TopicSpec } from "../broker.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

/** Settings of a Kafka topic, by Kafka's names. */
export function topicSettings(spec: TopicSpec): Record<string, string> {
  return {
    "cleanup.policy": spec.cleanup,
    "retention.ms": String(spec.retentionMs),
    "message.timestamp.type": spec.timestamps,
    // The broker compresses anew what producers send, so that every reader can read it, whatever codec a producer has.
    "compression.type": "gzip",
    // A reader that was away for less than this sees every deletion.
    ...(spec.cleanup === "compact" ? { "delete.retention.ms": String(WEEK_MS) } : {}),
  };
}
