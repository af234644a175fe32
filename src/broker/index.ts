export type * from "./broker.ts";
export { createEmbeddedBroker, type EmbeddedBrokerOptions } from "./embedded/embedded-broker.ts";
export type { VisibilityLag } from "./embedded/visibility.ts";
