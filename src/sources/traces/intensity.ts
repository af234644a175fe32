import { join } from "node:path";
import { CarmError } from "../../records/index.ts";
import { type CsvRow, readCsv } from "./csv.ts";
import type { TraceFolder } from "./folder.ts";
import { endOf, type HourlySeries, hourlySeries, hoursBetween, iso, valueAt } from "./hours.ts";

const pattern = /^(?<zone>.+)_\d{4}_\d{4}_hourly\.csv(\.gz)?$/;

/** Files of hourly intensity by zone: every `<ZONE>_<from>_<to>_hourly.csv[.gz]` of the folder. */
export function intensityFiles(carbon: TraceFolder): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const file of carbon.files) {
    const zone = pattern.exec(file)?.groups?.["zone"];
    if (zone !== undefined) files.set(zone, [...(files.get(zone) ?? []), join(carbon.path, file)]);
  }
  return files;
}

/** Life-cycle intensity of one zone, g/kWh, from all of its files. */
export async function readIntensity(paths: readonly string[]): Promise<HourlySeries> {
  const rows: CsvRow[] = [];
  for (const path of paths) rows.push(...(await readCsv(path, ["timestamp", "gco2_per_kwh"])));
  return hourlySeries(rows, (row) => {
    const value = row.number("gco2_per_kwh");
    if (value < 0) throw row.malformed(`gco2_per_kwh ${value} is negative`);
    return value;
  });
}

/** The hours in [fromMs, toMs). Throws ERR_TRACE_MISSING for an hour outside the recording or in a gap. */
export function intensityBetween(
  zone: string,
  series: HourlySeries,
  fromMs: number,
  toMs: number,
): Float64Array {
  return Float64Array.from(hoursBetween(fromMs, toMs), (hour) => {
    const value = valueAt(series, hour);
    if (Number.isNaN(value)) {
      throw new CarmError(
        "ERR_TRACE_MISSING",
        `No recorded intensity of ${zone} for ${iso(hour)}; the recording runs from ${iso(series.fromMs)} to ` +
          `${iso(endOf(series))}.`,
      );
    }
    return value;
  });
}
