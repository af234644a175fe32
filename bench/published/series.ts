import { join } from "node:path";
import { type CsvRow, readCsv } from "../../src/sources/index.ts";

/** Hourly life-cycle intensity of a zone in one year, from CARM_TRACES. */
export async function yearOf(zone: string, year: number): Promise<number[]> {
  const folder = join(process.env["CARM_TRACES"] ?? "", "carbon");
  const file = join(folder, `${zone}_2021_2023_hourly.csv.gz`);
  const rows = await readCsv(file, ["timestamp", "gco2_per_kwh"]);
  const inYear = rows.filter((row: CsvRow) => new Date(row.time("timestamp")).getUTCFullYear() === year);
  return inYear.map((row) => row.number("gco2_per_kwh"));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A Markdown table. */
export function print(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  process.stdout.write(
    `\n## ${title}\n\n${line(head)}${line(head.map(() => "---"))}${rows.map(line).join("")}`,
  );
}
