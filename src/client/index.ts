/** What `import … from "carm"` gives. See docs/typescript.md. */
export { type Broker, createEmbeddedBroker } from "../broker/index.ts";
export {
  CarmError,
  createCodec,
  type Decision,
  type ErrorCode,
  embeddedRegistry,
  errorCodes,
  type Job,
  type JobEvent,
  type JobProgress,
  type JobSpec,
  partitionOf,
  type RecordCodec,
  type ServiceSpec,
  type TopicName,
  type TopicRecords,
  topicDeclarations,
} from "../records/index.ts";
export { type CarmClient, type ClientOptions, createClient, type WatchOptions } from "./client.ts";
export { type ConnectOptions, connect, type OpenLog, openLog } from "./connect.ts";
export type { JobSubmission, ServiceDeclaration } from "./job-submission.ts";
export { createPublisher, type Publisher } from "./publisher.ts";
export {
  type FollowOptions,
  follow,
  type LogRecord,
  type ReadOptions,
  readHistory,
  readTable,
} from "./read-log.ts";
