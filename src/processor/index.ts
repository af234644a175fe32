export { carmProcessor } from "./carm-processor.ts";
