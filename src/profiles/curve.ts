import { assert } from "../records/index.ts";
import { byLimits } from "./by-limits.ts";
import { supportedSmClocksMhz } from "./clocks.ts";
import type { ProfileTemplate } from "./profile-template.ts";

/**
 * Speed over the speed at the highest clock, (0, 1]; linear between the points of the curve. Below the first point
 * speed falls with the clock, the worst that a lower clock can do.
 */
export function relativeSpeed(profile: ProfileTemplate, smClockMhz: number): number {
  const first = profile.curve[0]!;
  if (smClockMhz < first.smClockMhz) return (first.relativeSpeed * smClockMhz) / first.smClockMhz;
  return interpolate(profile, smClockMhz, "relativeSpeed");
}

/** Watts of one GPU that is always busy at this clock, idle power included; linear between the points of the curve. */
export function busyPowerWatts(profile: ProfileTemplate, smClockMhz: number): number {
  return interpolate(profile, smClockMhz, "powerWatts");
}

/**
 * The clock of least energy per unit of work, MHz, within the limits. Idle power is left out: it is paid for whether
 * the GPU works or not. Work below this clock takes more energy and more time, so no plan goes there. For inference
 * it is the least dynamic energy per request; how full the batches are moves it only a little.
 */
export const leastEnergySmClockMhz = byLimits((profile: ProfileTemplate, limits): number => {
  let best = Number.POSITIVE_INFINITY;
  let bestClock = profile.gpu.maxSmClockMhz;
  for (const clock of supportedSmClocksMhz(profile.gpu, limits)) {
    const energy =
      (busyPowerWatts(profile, clock) - profile.gpu.idlePowerWatts) / relativeSpeed(profile, clock);
    if (energy < best) {
      best = energy;
      bestClock = clock;
    }
  }
  return bestClock;
});

function interpolate(
  profile: ProfileTemplate,
  smClockMhz: number,
  field: "relativeSpeed" | "powerWatts",
): number {
  const { curve } = profile;
  assert(smClockMhz > 0, "a clock is above 0 MHz");
  let upper = 0;
  while (upper < curve.length && curve[upper]!.smClockMhz < smClockMhz) upper++;
  if (upper === 0) return curve[0]![field];
  if (upper === curve.length) return curve[curve.length - 1]![field];
  const a = curve[upper - 1]!;
  const b = curve[upper]!;
  const share = (smClockMhz - a.smClockMhz) / (b.smClockMhz - a.smClockMhz);
  return a[field] + share * (b[field] - a[field]);
}
