export { carmProcessor, createCarmProcessor } from "./carm-processor.ts";
export { defaultPolicy } from "./context.ts";
export { replayPlan } from "./plan-record.ts";
