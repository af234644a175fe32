import type { ClockLimit } from "./driver.ts";

/** nvmlClocksEventReasons as words. Bits that say nothing about who limits the clock are left out. */
const bits: readonly (readonly [mask: bigint, limit: ClockLimit])[] = [
  [0x1n, "idle"],
  [0x2n, "setting"],
  [0x4n, "power"], // software power cap
  [0x8n, "hardware"], // hardware slowdown: heat, power brake or a fast rise of power
  [0x10n, "group"], // sync boost
  [0x20n, "heat"], // software thermal slowdown
  [0x40n, "heat"], // hardware thermal slowdown
  [0x80n, "power"], // hardware power brake
];

export function clockLimits(reasons: bigint): ReadonlySet<ClockLimit> {
  return new Set(bits.filter(([mask]) => (reasons & mask) !== 0n).map(([, limit]) => limit));
}
