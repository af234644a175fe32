import { CarmError } from "../../records/index.ts";
import { readCsv } from "../../sources/index.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** One value of one hour as a forecaster gets it, in the order of arrival; NaN if the source was silent about it. */
export interface FeedHour {
  readonly startsAt: number;
  readonly value: number;
  /** The last hour that was over when it arrived: a revision comes late. */
  readonly arrivesAfter: number;
}

/** What came in, and what was true: by hour, the last value the file gives. */
export interface Feed {
  readonly hours: readonly FeedHour[];
  readonly truth: ReadonlyMap<number, number>;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What some files write where they have no value. */
const absent = new Set(["", "nan", "null", "none", "na", "n/a"]);

/**
 * Reads a column of a CSV file with a `timestamp` column, in the order of the file. Rows of one hour that follow each
 * other are averaged; an hour that comes again later revises the earlier one; a row without a value is left out.
 * Throws ERR_TRACE_MISSING, or ERR_TRACE_MALFORMED with file and line.
 */
export async function readFeed(path: string, column: string): Promise<Feed> {
  const rows = await readCsv(path, ["timestamp", column]);
  const hours: FeedHour[] = [];
  let values = new Map<number, number>();
  let hour = Number.NaN;
  let newest = Number.NEGATIVE_INFINITY;
  const close = (): void => {
    if (values.size === 0) return;
    const sum = [...values.values()].reduce((a, b) => a + b, 0);
    newest = Math.max(newest, hour);
    hours.push({ startsAt: hour, value: sum / values.size, arrivesAfter: newest });
  };
  for (const row of rows) {
    const at = row.time("timestamp");
    const start = Math.floor(at / HOUR_MS) * HOUR_MS;
    if (start !== hour) {
      close();
      values = new Map();
      hour = start;
    }
    if (!absent.has(row.text(column).trim().toLowerCase())) values.set(at, row.number(column));
  }
  close();
  return feedOf(hours, path);
}

function feedOf(hours: readonly FeedHour[], path: string): Feed {
  const truth = new Map(hours.map((hour) => [hour.startsAt, hour.value]));
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const { startsAt } of hours) {
    fromMs = Math.min(fromMs, startsAt);
    toMs = Math.max(toMs, startsAt + HOUR_MS);
  }
  if (hours.length === 0) throw new CarmError("ERR_TRACE_MALFORMED", `${path}, line 2: there are no values.`);
  return { hours, truth, fromMs, toMs };
}
