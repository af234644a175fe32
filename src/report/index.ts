export { demoResult } from "./demo-result.ts";
export { jsonOutput } from "./json-output.ts";
export type * from "./run-result.ts";
