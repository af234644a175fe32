import { type Draws, shuffled } from "../random.ts";
import { HOUR_MS } from "./constants.ts";

const WEEK_HOURS = 168;
/** A Monday, 00:00 UTC. */
const MONDAY_MS = Date.UTC(1970, 0, 5);
/** Boards are not all equal, so a job may take this much longer than planned. */
const DURATION_MARGIN = 1.1;

/** GPUs that jobs occupy over time if each starts when it is submitted. */
export class Occupancy {
  readonly #gpus: number;
  readonly #placed: { fromMs: number; toMs: number; gpus: number }[] = [];

  constructor(gpus: number) {
    this.#gpus = gpus;
  }

  /** True if a job from `fromMs` on never has to wait for another, nor another for it. */
  fits(fromMs: number, durationMs: number, gpus: number): boolean {
    const toMs = fromMs + durationMs * DURATION_MARGIN;
    const overlapping = this.#placed.filter((other) => other.fromMs < toMs && other.toMs > fromMs);
    const moments = [fromMs, ...overlapping.map((other) => Math.max(fromMs, other.fromMs))];
    return moments.every((moment) => {
      const used = overlapping
        .filter((other) => other.fromMs <= moment && other.toMs > moment)
        .reduce((sum, other) => sum + other.gpus, 0);
      return used + gpus <= this.#gpus;
    });
  }

  add(fromMs: number, durationMs: number, gpus: number): void {
    this.#placed.push({ fromMs, toMs: fromMs + durationMs * DURATION_MARGIN, gpus });
  }
}

/**
 * Times in [fromMs, toMs] at which a job may be submitted, best first: in the recorded hour of the week, then in the
 * same hour of the day, then in any. One whole minute an hour.
 */
export function submissionTimes(fromMs: number, toMs: number, hourOfWeek: number, draws: Draws): number[] {
  const minute = Math.floor(draws.uniform(0) * 60) * 60_000;
  const times: number[] = [];
  for (let hour = Math.floor(fromMs / HOUR_MS) * HOUR_MS; hour <= toMs; hour += HOUR_MS) {
    const time = Math.floor(Math.min(hour + minute, toMs) / 60_000) * 60_000;
    if (time >= fromMs) times.push(time);
  }
  const hoursOff = (time: number) =>
    (((Math.floor((time - MONDAY_MS) / HOUR_MS) - hourOfWeek) % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS;
  const rank = (time: number) => (hoursOff(time) === 0 ? 0 : hoursOff(time) % 24 === 0 ? 1 : 2);
  return shuffled(times, draws).sort((a, b) => rank(a) - rank(b));
}
