/**
 * Computes the tables of typical days in src/sources/typical from the recordings in CARM_TRACES and writes them.
 * Only means, spreads and quantiles leave the recordings. Run: CARM_TRACES=<folder> node scripts/derive-typical-days.ts
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  electricityMapsLine,
  onSiteLine,
  phillyLine,
  serveGenLine,
  wikipediaLine,
} from "../src/sources/attribution.ts";
import { openFolder } from "../src/sources/traces/folder.ts";
import { type HourlySeries, hourMs, weekMs } from "../src/sources/traces/hours.ts";
import { hourOfWeek } from "../src/sources/traces/jobs.ts";
import { generationZones, readShape } from "../src/sources/traces/on-site.ts";
import { recordedTraces } from "../src/sources/traces/recorded.ts";
import type { JobSize, MonthHourTable, WeekHourTable } from "../src/sources/typical/tables.ts";
import type { Variability } from "../src/sources/typical/variability.ts";

const target = new URL("../src/sources/typical/", import.meta.url);

/** Rows a size in the table of jobs. */
const jobsPerSize = 24;

/** File name to text of every table. */
export async function deriveTypicalDays(folder: string): Promise<Map<string, string>> {
  return new Map([
    ["intensity.generated.ts", await intensityFile(folder)],
    ["on-site.generated.ts", await onSiteFile(folder)],
    ["request-rates.generated.ts", await requestRatesFile(folder)],
    ["job-sizes.generated.ts", await jobSizesFile(folder)],
  ]);
}

async function intensityFile(folder: string): Promise<string> {
  const traces = await recordedTraces(folder);
  const zones: string[] = [];
  for (const zone of traces.zones) {
    const { fromMs, toMs } = await traces.intensityRange(zone);
    const table = monthHourTable({ fromMs, values: await traces.intensity(zone, fromMs, toMs) });
    zones.push(`  ${JSON.stringify(zone)}: ${monthHourText(table)},`);
  }
  return generated(
    [electricityMapsLine],
    "MonthHourTable",
    "/** Life-cycle intensity, g/kWh, by month and hour (UTC), means over 2021–2023. */",
    `export const typicalIntensity: { readonly [zone: string]: MonthHourTable } = {\n${zones.join("\n")}\n};`,
  );
}

async function onSiteFile(folder: string): Promise<string> {
  const carbon = await openFolder(join(folder, "carbon"));
  const declarations: string[] = [];
  for (const kind of ["solar", "wind"] as const) {
    const zones: string[] = [];
    for (const zone of generationZones(carbon)) {
      const shape = await readShape(carbon, zone, kind);
      if (shape !== undefined) {
        zones.push(`  ${JSON.stringify(zone)}: ${monthHourText(monthHourTable(shape))},`);
      }
    }
    const name = kind === "solar" ? "typicalSolar" : "typicalWind";
    declarations.push(
      `export const ${name}: { readonly [zone: string]: MonthHourTable } = {\n${zones.join("\n")}\n};`,
    );
  }
  return generated(
    [onSiteLine],
    "MonthHourTable",
    "/** Generation by month and hour (UTC) of 2021, scaled to a yearly mean of 1. */",
    declarations.join("\n\n"),
  );
}

async function requestRatesFile(folder: string): Promise<string> {
  const traces = await recordedTraces(folder);
  const fromMs = Date.UTC(2021, 0, 4);
  const tables: string[] = [];
  for (const service of [0, 1, 2]) {
    const weeks = service === 1 ? 104 : 2;
    const values = await traces.requestRate(service, fromMs, fromMs + weeks * weekMs, hourMs);
    const table = weekHourTable({ fromMs, values });
    tables.push(
      `  {\n    spread: ${table.spread},\n    persistence: ${table.persistence},\n    byWeekday: [\n${rows(table.byWeekday)}\n    ],\n  },`,
    );
  }
  return generated(
    [serveGenLine, wikipediaLine],
    "WeekHourTable",
    "/** Request rate by weekday and hour (UTC), usual weekly peak 1: ServeGen m-large, Wikipedia page views, ServeGen m-mid. */",
    `export const typicalRequestRates: readonly WeekHourTable[] = [\n${tables.join("\n")}\n];`,
  );
}

/** The same number of jobs of each size, at even quantiles of its durations. */
async function jobSizesFile(folder: string): Promise<string> {
  const jobs = await (await recordedTraces(folder)).jobRows();
  const sizes = [...new Set(jobs.map((job) => job.gpus))].sort((a, b) => a - b);
  const rowsOfSizes = sizes.flatMap((gpus) => {
    const ofSize = jobs
      .filter((job) => job.gpus === gpus)
      .sort((a, b) => a.durationMs - b.durationMs || a.hourOfWeek - b.hourOfWeek);
    return Array.from({ length: jobsPerSize }, (_, i): JobSize => {
      const job = ofSize[Math.floor(((i + 0.5) / jobsPerSize) * ofSize.length)]!;
      return [round(job.durationMs / hourMs, 2), gpus, job.hourOfWeek];
    });
  });
  return generated(
    [phillyLine],
    "JobSize",
    "/** Jobs of 0.5 to 48 h: each size at even quantiles of its durations, not in the mix in which sizes occur. */",
    `export const jobSizes: readonly JobSize[] = [\n${rowsOfSizes.map((row) => `  [${row.join(", ")}],`).join("\n")}\n];`,
  );
}

function monthHourTable(series: HourlySeries): MonthHourTable {
  const means = groupMeans(series, 12 * 24, (atMs) => {
    const date = new Date(atMs);
    return date.getUTCMonth() * 24 + date.getUTCHours();
  });
  const daily = dailyResiduals(series, means.of);
  const { spread, persistence } = variability(daily);
  return {
    spread,
    persistence: round(Math.max(persistence, 0.05) ** (1 / 24), 3),
    byMonth: chunk(means.all, 24).map((row) => row.map((mean) => Number(mean.toPrecision(3)))),
  };
}

function weekHourTable(series: HourlySeries): WeekHourTable {
  const means = groupMeans(series, 7 * 24, (atMs) => hourOfWeek(atMs));
  const residuals = Array.from(series.values, (value, i) =>
    Math.log(value / means.of(series.fromMs + i * hourMs)),
  );
  return {
    ...variability(residuals),
    byWeekday: chunk(means.all, 24).map((row) => row.map((mean) => round(mean, 3))),
  };
}

function groupMeans(series: HourlySeries, groups: number, groupOf: (atMs: number) => number) {
  const sums = new Float64Array(groups);
  const counts = new Float64Array(groups);
  series.values.forEach((value, i) => {
    const group = groupOf(series.fromMs + i * hourMs);
    sums[group]! += value;
    counts[group]! += 1;
  });
  const all = Array.from(sums, (sum, i) => sum / counts[i]!);
  return { all, of: (atMs: number) => all[groupOf(atMs)]! };
}

/** Log of each whole day's mean over its typical mean. */
function dailyResiduals(series: HourlySeries, typicalAt: (atMs: number) => number): number[] {
  const residuals: number[] = [];
  for (let day = 0; (day + 1) * 24 <= series.values.length; day++) {
    let actual = 0;
    let typical = 0;
    for (let hour = day * 24; hour < (day + 1) * 24; hour++) {
      actual += series.values[hour]!;
      typical += typicalAt(series.fromMs + hour * hourMs);
    }
    residuals.push(Math.log(actual / typical));
  }
  return residuals;
}

/** Standard deviation, at most 0.7, and correlation of neighbours. */
function variability(residuals: readonly number[]): Variability {
  const mean = residuals.reduce((sum, r) => sum + r, 0) / residuals.length;
  let square = 0;
  let product = 0;
  residuals.forEach((residual, i) => {
    square += (residual - mean) ** 2;
    if (i > 0) product += (residual - mean) * (residuals[i - 1]! - mean);
  });
  return {
    spread: round(Math.min(0.7, Math.sqrt(square / residuals.length)), 3),
    persistence: round(product / square, 3),
  };
}

function generated(attribution: readonly string[], type: string, doc: string, body: string): string {
  return [
    "// Generated from recordings by scripts/derive-typical-days.ts; do not edit.",
    ...attribution.map((line) => `// ${line}`),
    `import type { ${type} } from "./tables.ts";`,
    "",
    doc,
    body,
    "",
  ].join("\n");
}

function monthHourText(table: MonthHourTable): string {
  return `{\n    spread: ${table.spread},\n    persistence: ${table.persistence},\n    byMonth: [\n${rows(table.byMonth)}\n    ],\n  }`;
}

function rows(table: readonly (readonly number[])[]): string {
  return table.map((row) => `      [${row.join(", ")}],`).join("\n");
}

function chunk(values: readonly number[], size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

if (import.meta.main) {
  const folder = process.env["CARM_TRACES"];
  if (folder === undefined) {
    process.stderr.write("Set CARM_TRACES to the folder with the recordings.\n");
    process.exit(1);
  }
  for (const [file, text] of await deriveTypicalDays(folder)) writeFileSync(new URL(file, target), text);
}
