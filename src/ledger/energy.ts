/**
 * Joules used between two readings of an energy counter, both in millijoules. A counter that fell was reset (the
 * driver was reloaded): what it shows now has been used since.
 */
export function energyBetweenJoules(previousMillijoules: number, currentMillijoules: number): number {
  const delta =
    currentMillijoules >= previousMillijoules ? currentMillijoules - previousMillijoules : currentMillijoules;
  return delta / 1000;
}

export const HOUR_MS = 3_600_000;

export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS) * HOUR_MS;
}

/** Splits an amount used evenly over [fromMs, toMs] at the full hours; without duration it all falls into the hour of `toMs`. */
export function splitByHour(
  fromMs: number,
  toMs: number,
  amount: number,
): { startsAt: number; amount: number }[] {
  if (toMs <= fromMs) return [{ startsAt: hourOf(toMs), amount }];
  const parts: { startsAt: number; amount: number }[] = [];
  for (let startsAt = hourOf(fromMs); startsAt < toMs; startsAt += HOUR_MS) {
    const overlapMs = Math.min(toMs, startsAt + HOUR_MS) - Math.max(fromMs, startsAt);
    parts.push({ startsAt, amount: (amount * overlapMs) / (toMs - fromMs) });
  }
  return parts;
}
