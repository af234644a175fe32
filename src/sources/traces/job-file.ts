import { basename } from "node:path";
import { CarmError } from "../../records/index.ts";
import { type CsvRow, readCsv } from "./csv.ts";
import { hourMs } from "./hours.ts";
import { hourOfWeek, type RecordedJob } from "./jobs.ts";

/**
 * Jobs from a user's file: `submit_time` (ISO 8601) or `arrival_h` (hours from a Monday 00:00 UTC); `duration_s` or `length_h`;
 * `num_gpus` or `units`. Rows without GPUs or duration are left out.
 * Throws ERR_TRACE_MISSING, or ERR_TRACE_MALFORMED with file and line.
 */
export async function readJobFile(path: string): Promise<RecordedJob[]> {
  const columns = ["submit_time", "arrival_h", "duration_s", "length_h", "num_gpus", "units"];
  const rows = await readCsv(path, [], columns);
  const first = rows[0];
  const refuse = (what: string): never => {
    throw new CarmError("ERR_TRACE_MALFORMED", `${basename(path)}, line 1: ${what}`);
  };
  if (first === undefined) return refuse("there are no rows");
  const oneOf = (a: string, b: string): string => {
    const name = [a, b].find((column) => first.has(column));
    return name ?? refuse(`there is no column ${a} or ${b}`);
  };
  const submitted = oneOf("submit_time", "arrival_h");
  const duration = oneOf("duration_s", "length_h");
  const gpus = oneOf("num_gpus", "units");
  const monday = Date.UTC(2018, 0, 1);
  const submittedAt = (row: CsvRow) =>
    submitted === "submit_time"
      ? row.time(submitted)
      : monday + Math.round(row.number(submitted) * 60) * 60_000;
  return rows
    .map((row) => {
      const recordedAt = submittedAt(row);
      const durationMs = row.number(duration) * (duration === "duration_s" ? 1000 : hourMs);
      return { durationMs, gpus: row.number(gpus), hourOfWeek: hourOfWeek(recordedAt), recordedAt };
    })
    .filter((job) => job.durationMs > 0 && job.gpus >= 1);
}
