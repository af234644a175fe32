import Table from "cli-table3";
import { plainBorders } from "../forecast-backtest/table.ts";
import type { StepBacktest } from "./step-backtest.ts";

/** A row a lead; the errors of the baselines beside ours. */
export function stepTable(result: StepBacktest): string {
  const table = new Table({
    head: ["ahead", "MAPE %", "last value", "yesterday", "last week", "≤ P95", "worst week", "P95 over mean"],
    style: { head: [], border: [], compact: true },
    chars: plainBorders,
  });
  for (const lead of result.leads) {
    const baseline = (name: string): string => fixed(lead.baselines[name]?.mape, 1);
    table.push([
      duration(lead.leadMs),
      fixed(lead.mape, 1),
      baseline("lastValue"),
      baseline("yesterday"),
      baseline("lastWeek"),
      fixed(lead.below["0.95"], 3),
      fixed(lead.worstWeekBelow95, 3),
      lead.headroom95 === null ? "-" : `+${(100 * lead.headroom95).toFixed(0)} %`,
    ]);
  }
  const about = `${result.series}, ${duration(result.stepMs)} steps, an issue after each from ${result.from}Z to ${result.to}Z.`;
  return [...table.toString().split("\n"), "", about].map((line) => line.trimEnd()).join("\n");
}

function fixed(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? "-" : value.toFixed(digits);
}

function duration(ms: number): string {
  if (ms >= 86_400_000) return `${ms / 86_400_000} d`;
  if (ms >= 3_600_000) return `${ms / 3_600_000} h`;
  return ms >= 60_000 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
