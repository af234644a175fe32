import type { BoardReading, ClockLimit } from "./driver.ts";
import type { RecordedLock } from "./lock-record.ts";

/** Clocks this near are the same: the driver rounds to its own grid, MHz. */
const TOLERANCE_MHZ = 30;
/** From here on a board works: below, a low clock means nothing. */
const BUSY = 0.5;

const overruling: readonly ClockLimit[] = ["power", "heat", "hardware", "group"];

export type LockEvidence =
  /** The reading fits the lock on record. */
  | { readonly kind: "fits" }
  /** The clock is below the lock because power or heat holds it there. */
  | { readonly kind: "overruled"; readonly by: ClockLimit }
  /** The clock is not what the lock says, and nothing of the board's own explains it. */
  | { readonly kind: "contradicted" };

/** What a reading says about the lock on record; no lock is on record for a null. */
export function lockEvidence(lock: RecordedLock | null, reading: BoardReading): LockEvidence {
  const { smClockMhz, utilization, limits } = reading;
  if (lock === null) return limits.has("setting") && !isDefault(reading) ? { kind: "contradicted" } : FITS;
  if (smClockMhz > lock.actualMhz + TOLERANCE_MHZ) return { kind: "contradicted" };
  if (smClockMhz >= lock.actualMhz - TOLERANCE_MHZ) return FITS;
  const by = overruling.find((limit) => limits.has(limit));
  if (by !== undefined) return { kind: "overruled", by };
  // An idle board may clock down within any lock.
  return utilization < BUSY || limits.has("idle") ? FITS : { kind: "contradicted" };
}

const FITS: LockEvidence = { kind: "fits" };

/** Some boards call their default applications clock a setting of the user's. */
function isDefault({ smClockMhz, defaultSmClockMhz }: BoardReading): boolean {
  return defaultSmClockMhz !== null && Math.abs(smClockMhz - defaultSmClockMhz) <= TOLERANCE_MHZ;
}

/** The supported clock next to a reading. */
export function nearestClockMhz(clocks: readonly number[], clockMhz: number): number {
  return clocks.reduce(
    (best, clock) => (Math.abs(clock - clockMhz) < Math.abs(best - clockMhz) ? clock : best),
    clocks[0] ?? clockMhz,
  );
}
