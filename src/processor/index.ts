export { carmProcessor } from "./carm-processor.ts";
export { defaultPolicy } from "./context.ts";
