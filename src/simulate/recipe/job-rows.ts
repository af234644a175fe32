import { CarmError } from "../../records/index.ts";
import { createDraws, type Draws } from "../random.ts";
import type { JobRow } from "../trace-set.ts";

/** Upper ends of the size classes, GPUs. */
const SIZE_CLASSES = [1, 2, 4, 8];
const ATTEMPTS = 40;

/** Draws rows of one size class after the other; a redraw gives a smaller job of the same class. */
export class StratifiedRows {
  readonly #classes: readonly (readonly JobRow[])[];
  readonly #draws: Draws;

  /** Throws ERR_OPTION_INVALID if no row is eligible. */
  constructor(rows: readonly JobRow[], longestMs: number, mostGpus: number, seed: number) {
    const eligible = rows.filter((row) => row.durationMs <= longestMs && row.gpus <= mostGpus);
    if (eligible.length === 0) {
      throw new CarmError(
        "ERR_OPTION_INVALID",
        "No job of the traces fits into the run with its slack; choose more days, more GPUs or less slack.",
      );
    }
    const classOf = (row: JobRow) => SIZE_CLASSES.findIndex((most) => row.gpus <= most);
    this.#classes = [...Map.groupBy(eligible, classOf)].sort(([a], [b]) => a - b).map(([, group]) => group);
    this.#draws = createDraws(seed, "job-row", "");
  }

  /** The row of job number `job`. */
  draw(job: number): JobRow {
    return this.#pick(job, 0);
  }

  /** A row of the same class with fewer GPU-hours than `row`; the smallest there is if drawing finds none. */
  drawSmaller(job: number, row: JobRow): JobRow {
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
      const candidate = this.#pick(job, attempt);
      if (gpuMs(candidate) < gpuMs(row)) return candidate;
    }
    return this.#classOf(job).reduce((a, b) => (gpuMs(b) < gpuMs(a) ? b : a));
  }

  #classOf(job: number): readonly JobRow[] {
    return this.#classes[job % this.#classes.length]!;
  }

  #pick(job: number, attempt: number): JobRow {
    const group = this.#classOf(job);
    return group[Math.floor(this.#draws.uniform(job * ATTEMPTS + attempt) * group.length)]!;
  }
}

export function gpuMs(row: JobRow): number {
  return row.durationMs * row.gpus;
}

/** One row a job; the largest are redrawn until all of them together need at most `mostGpuMs`. */
export function drawRows(rows: StratifiedRows, count: number, mostGpuMs: number): JobRow[] {
  const drawn = Array.from({ length: count }, (_, job) => rows.draw(job));
  const total = () => drawn.reduce((sum, row) => sum + gpuMs(row), 0);
  while (total() > mostGpuMs) {
    const largest = drawn.reduce((best, row, job) => (gpuMs(row) > gpuMs(drawn[best]!) ? job : best), 0);
    const smaller = rows.drawSmaller(largest, drawn[largest]!);
    if (gpuMs(smaller) >= gpuMs(drawn[largest]!)) break;
    drawn[largest] = smaller;
  }
  return drawn;
}
