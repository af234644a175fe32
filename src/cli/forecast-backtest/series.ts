import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { CarmError } from "../../records/index.ts";
import type { BacktestOptions } from "./options.ts";

/** One series to backtest: where its values and the forecast to compare with lie. */
export interface SeriesSource {
  readonly zone: string;
  readonly file: string;
  readonly column: string;
  readonly published: string | undefined;
}

/** The published forecasts of the traces are of direct intensity, so that is what zones are compared in. */
const ZONE_COLUMN = "gco2_per_kwh_direct";
const FILE_COLUMN = "gco2_per_kwh";
const zoneFile = /^(?<zone>.+)_\d{4}_\d{4}_hourly\.csv(\.gz)?$/;
const publishedFile = /^sundial96h_(?<zone>.+)_\d{4}_\d{4}\.csv(\.gz)?$/;

/**
 * The file of --carbon, or the files of the zones asked for (all, if none) in the folder that CARM_TRACES names.
 * Throws ERR_TRACE_MISSING or ERR_ZONE_UNKNOWN, saying what there is.
 */
export function seriesSources(options: BacktestOptions, traces: string | undefined): SeriesSource[] {
  const { carbon, column, published } = options;
  if (carbon !== undefined) {
    const zone = options.zone[0] ?? basename(carbon).replace(/\.csv(\.gz)?$/, "");
    return [{ zone, file: carbon, column: column ?? FILE_COLUMN, published }];
  }
  if (traces === undefined) {
    throw new CarmError(
      "ERR_TRACE_MISSING",
      "There is nothing to backtest: give a file with --carbon FILE --column NAME, or set CARM_TRACES to a folder of traces.",
    );
  }
  const files = filesByZone(join(traces, "carbon"), zoneFile);
  const forecasts = filesByZone(join(traces, "forecast"), publishedFile);
  const zones = options.zone.length > 0 ? options.zone : [...files.keys()];
  return zones.map((zone) => {
    const file = files.get(zone);
    if (file === undefined) {
      const known = [...files.keys()].join(", ") || "none";
      throw new CarmError("ERR_ZONE_UNKNOWN", `There is no intensity of ${zone}; there are ${known}.`);
    }
    return { zone, file, column: column ?? ZONE_COLUMN, published: published ?? forecasts.get(zone) };
  });
}

function filesByZone(folder: string, pattern: RegExp): Map<string, string> {
  const files = new Map<string, string>();
  if (!existsSync(folder)) return files;
  for (const name of readdirSync(folder).sort()) {
    const zone = pattern.exec(name)?.groups?.["zone"];
    if (zone !== undefined) files.set(zone, join(folder, name));
  }
  return files;
}
