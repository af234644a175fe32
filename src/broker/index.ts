export type * from "./broker.ts";
export { createEmbeddedBroker, type EmbeddedBrokerOptions } from "./embedded/embedded-broker.ts";
export type { VisibilityLag } from "./embedded/visibility.ts";
export type { KafkaOptions } from "./kafka/connection.ts";
export { createKafkaBroker, type KafkaBroker } from "./kafka/kafka-broker.ts";
export type { TopicState } from "./kafka/topic-admin.ts";
export { topicSettings } from "./kafka/topic-settings.ts";
export { readToEnd } from "./read-to-end.ts";
