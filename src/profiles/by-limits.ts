import type { ClockLimits } from "./clocks.ts";

/**
 * Remembers what was worked out for an object and limits. Profiles and GPU models are plain data that nobody changes,
 * so the same one always gives the same result.
 */
export function byLimits<K extends object, T>(
  work: (key: K, limits: ClockLimits | undefined) => T,
): (key: K, limits?: ClockLimits) => T {
  const known = new WeakMap<K, Map<string, T>>();
  return (key, limits) => {
    const results = known.get(key) ?? new Map<string, T>();
    known.set(key, results);
    const name = `${limits?.minSmClockMhz ?? ""}/${limits?.maxSmClockMhz ?? ""}`;
    const result = results.get(name) ?? work(key, limits);
    results.set(name, result);
    return result;
  };
}
