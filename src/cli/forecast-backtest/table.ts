import Table from "cli-table3";
import type { SeriesReport, ZonesReport } from "./result.ts";
import type { DayScore } from "./scores.ts";

const positions = [
  "top",
  "top-mid",
  "top-left",
  "top-right",
  "bottom",
  "bottom-mid",
  "bottom-left",
  "bottom-right",
];
const inner = ["left", "left-mid", "mid", "mid-mid", "right", "right-mid"];
/** No borders: columns two blanks apart. */
export const plainBorders = {
  ...Object.fromEntries([...positions, ...inner].map((name) => [name, ""])),
  middle: "  ",
};

/** A row a zone and method, a column a figure; four numbers in a cell are days 1 to 4. */
export function backtestTable(report: ZonesReport): string {
  const table = new Table({
    head: ["zone", "forecast", "MAPE %", "MAE g/kWh", "RMSE g/kWh", "in the 90 % interval"],
    style: { head: [], border: [], compact: true },
    chars: plainBorders,
  });
  for (const zone of report.zones) table.push(...rows(zone));
  const lines = table.toString().split("\n");
  lines.push(...zoneNotes(report.zones));
  if (report.ratioToPublished !== null) {
    const { mae, mape } = report.ratioToPublished;
    lines.push("", "Error over the published forecast's, geometric mean over the zones, days 1 to 4:");
    lines.push(`  MAE ${four(mae, 3)}   MAPE ${four(mape, 3)}`);
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

function rows(zone: SeriesReport): string[][] {
  const { persistence, seasonalNaive, published } = zone.baselines;
  const coverage = zone.days.map((day) => day.coverage["90"] ?? null);
  const all = [[zone.zone, "carm", ...figures(zone.days), four(coverage, 3)]];
  if (published !== undefined) all.push(["", "published", ...figures(published.days), ""]);
  all.push(["", "persistence", ...figures(persistence.days), ""]);
  all.push(["", "same hour last week", ...figures(seasonalNaive.days), ""]);
  return all;
}

function figures(days: readonly DayScore[]): string[] {
  return [
    four(
      days.map((day) => day.mape),
      2,
    ),
    four(
      days.map((day) => day.mae),
      1,
    ),
    four(
      days.map((day) => day.rmse),
      1,
    ),
  ];
}

function zoneNotes(zones: readonly SeriesReport[]): string[] {
  const first = zones[0]!;
  return [
    "",
    `${first.column}, one issue a day at 00:00Z, ${first.from} to ${first.to}, ${first.issues} issues.`,
  ];
}

function four(values: readonly (number | null)[], digits: number): string {
  return values.map((value) => (value === null ? "-" : value.toFixed(digits))).join(" / ");
}
