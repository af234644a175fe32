import Table from "cli-table3";
import { plainBorders } from "../terminal-table.ts";
import type { EvaluationResult } from "./evaluation-result.ts";
import {
  evaluationLine,
  evaluationVerdict,
  policyTable,
  type TextTable,
  zoneTable,
} from "./evaluation-rows.ts";

/** The tables for a terminal, without colours: policies that broke a promise carry a `!`. */
export function evaluationTable(result: EvaluationResult): string {
  const parts = [evaluationLine(result), text(policyTable(result))];
  if (result.zones.length > 1) parts.push(text(zoneTable(result)));
  parts.push([...evaluationVerdict(result), ...result.input.attribution].join("\n"));
  return parts.join("\n\n");
}

function text({ head, rows }: TextTable): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, i) => (i === 0 ? "left" : "right")),
    style: { head: [], border: [], compact: true },
    chars: plainBorders,
  });
  for (const { cells } of rows) table.push([...cells]);
  const lines = table.toString().split("\n");
  return lines.map((line) => line.trimEnd()).join("\n");
}
