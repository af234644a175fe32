export { carmProcessor, createCarmProcessor } from "./carm-processor.ts";
export { defaultPolicy } from "./context.ts";
