import { readCsv } from "./csv.ts";
import { findCsv, type TraceFolder } from "./folder.ts";
import { hourMs, mondayMs, weekMs } from "./hours.ts";

/** A job as it was recorded. */
export interface RecordedJob {
  readonly durationMs: number;
  readonly gpus: number;
  /** Hour of the week of submission, 0 = Monday 00:00 UTC. */
  readonly hourOfWeek: number;
  /** When it was submitted, epoch milliseconds. */
  readonly recordedAt: number;
}

const minDurationMs = 0.5 * hourMs;
const maxDurationMs = 48 * hourMs;
const maxGpus = 8;

/** The Philly jobs of 0.5 to 48 h on at most 8 GPUs, as recorded. */
export async function readJobs(jobs: TraceFolder): Promise<RecordedJob[]> {
  const rows = await readCsv(findCsv(jobs, "philly_jobs"), ["submit_time", "duration_s", "num_gpus"]);
  return rows
    .map((row) => ({
      durationMs: row.number("duration_s") * 1000,
      gpus: row.number("num_gpus"),
      hourOfWeek: hourOfWeek(row.time("submit_time")),
      recordedAt: row.time("submit_time"),
    }))
    .filter(
      (job) =>
        job.durationMs >= minDurationMs &&
        job.durationMs <= maxDurationMs &&
        job.gpus >= 1 &&
        job.gpus <= maxGpus,
    );
}

export function hourOfWeek(atMs: number): number {
  return Math.floor(((((atMs - mondayMs) % weekMs) + weekMs) % weekMs) / hourMs);
}
