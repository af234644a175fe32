export { demoResult } from "./demo-result.ts";
export type * from "./evaluation/evaluated-run.ts";
export { evaluationHtml } from "./evaluation/evaluation-html.ts";
export { evaluationJson } from "./evaluation/evaluation-json.ts";
export {
  type EvaluationInput,
  type EvaluationResult,
  evaluationResult,
} from "./evaluation/evaluation-result.ts";
export { evaluationTable } from "./evaluation/evaluation-table.ts";
export { escapeHtml } from "./html/escape.ts";
export { htmlReport } from "./html-report.ts";
export { jsonOutput } from "./json-output.ts";
export type * from "./run-result.ts";
export { terminalTable } from "./terminal-table.ts";
