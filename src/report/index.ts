export { demoResult } from "./demo-result.ts";
export { escapeHtml } from "./html/escape.ts";
export { htmlReport } from "./html-report.ts";
export { jsonOutput } from "./json-output.ts";
export type * from "./run-result.ts";
export { terminalTable } from "./terminal-table.ts";
