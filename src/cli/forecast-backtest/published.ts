import { basename } from "node:path";
import { CarmError } from "../../records/index.ts";
import { readCsv } from "../../sources/index.ts";
import { HOUR_MS } from "./feed.ts";
import { LEADS } from "./scores.ts";

/** A forecast somebody else made: for each issue time one value an hour, NaN where it has none. */
export type PublishedForecasts = ReadonlyMap<number, Float64Array>;

const hourColumns = Array.from({ length: LEADS }, (_, i) => `h${String(i).padStart(2, "0")}`);

/**
 * Reads `issued, zone, h00 … h95` (fewer hours and no zone will do); of a file with several zones the rows of `zone`.
 * Throws ERR_TRACE_MISSING, ERR_TRACE_MALFORMED with file and line, or ERR_ZONE_UNKNOWN.
 */
export async function readPublished(path: string, zone: string | undefined): Promise<PublishedForecasts> {
  const rows = await readCsv(path, ["issued", "h00"], ["zone", ...hourColumns]);
  const zones = new Set(rows.filter((row) => row.has("zone")).map((row) => row.text("zone")));
  const chosen = zones.size > 1 ? zone : undefined;
  if (zones.size > 1 && (zone === undefined || !zones.has(zone))) {
    throw new CarmError(
      "ERR_ZONE_UNKNOWN",
      `${basename(path)} has forecasts for ${[...zones].join(", ")}: choose one of them with --zone.`,
    );
  }
  const forecasts = new Map<number, Float64Array>();
  for (const row of rows) {
    if (chosen !== undefined && row.text("zone") !== chosen) continue;
    const issuedAt = row.time("issued");
    if (issuedAt % HOUR_MS !== 0) throw row.malformed("issued is not a full hour");
    const value = (name: string): number =>
      row.has(name) && row.text(name) !== "" ? row.number(name) : Number.NaN;
    forecasts.set(issuedAt, Float64Array.from(hourColumns, value));
  }
  return forecasts;
}
