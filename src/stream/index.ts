export {
  type DeadLetterContent,
  deadLetterContent,
  replayDeadLetters,
  type StoredDeadLetter,
} from "./dead-letters.ts";
export { replayedHeader, reroutedHeader, resumeHeader } from "./headers.ts";
export { defaultLimits, type StreamLimits } from "./limits.ts";
export { createMemoryStores } from "./memory-store.ts";
export { createStreamMetrics, type Lag, type StreamMetrics } from "./metrics.ts";
export type * from "./processor.ts";
export { resumeCluster } from "./resume.ts";
export { createRocksStores } from "./rocks-store.ts";
export type { StateStore, StateStores } from "./state-store.ts";
export type { StreamClock } from "./task-context.ts";
export { type Verification, verifyPartition } from "./verify.ts";
export { createWorker, type Worker, type WorkerOptions } from "./worker.ts";
