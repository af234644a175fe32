export { avroType } from "./avro.ts";
export { createCodec, type RecordCodec } from "./codec.ts";
export { decodeLearning } from "./decode-learning.ts";
export { assert, CarmError, type ErrorCode, errorCodes } from "./errors.ts";
export {
  compatibilityLevel,
  type HttpRegistry,
  type HttpRegistryOptions,
  httpRegistry,
} from "./http-registry.ts";
export { histogramQuantileMs } from "./latency-quantile.ts";
export { murmur2, partitionOf } from "./partitioning.ts";
export type * from "./records.generated.ts";
export { embeddedRegistry, type SchemaRegistry } from "./registry.ts";
export {
  recordKey,
  recordSchemaText,
  recordTopics,
  type TopicDeclaration,
  type TopicName,
  topicDeclaration,
  topicDeclarations,
} from "./topics.ts";
export { checkClockSkew } from "./validation/clock-skew.ts";
export { clockSkewLimits, recordLimits } from "./validation/limits.ts";
export { validateRecord } from "./validation/validate.ts";
