import { assert, type GpuModel } from "../records/index.ts";
import { byLimits } from "./by-limits.ts";

/** Limits that a policy sets on clocks, MHz; null for the device's own. */
export interface ClockLimits {
  readonly minSmClockMhz: number | null;
  readonly maxSmClockMhz: number | null;
}

/**
 * The clocks that the device supports and the limits allow, MHz, rising. Never empty: where no supported clock lies
 * within the limits, the one nearest to them.
 */
export const supportedSmClocksMhz = byLimits((gpu: GpuModel, limits): readonly number[] => {
  const { minSmClockMhz: min, maxSmClockMhz: max, smClockStepMhz: step } = gpu;
  assert(step > 0 && max >= min, `clock grid of ${gpu.model} is empty`);
  const count = Math.floor((max - min) / step) + 1;
  const first = limits?.minSmClockMhz == null ? 0 : Math.ceil((limits.minSmClockMhz - min) / step);
  const last = limits?.maxSmClockMhz == null ? count - 1 : Math.floor((limits.maxSmClockMhz - min) / step);
  if (first > last || first >= count || last < 0) {
    const nearest = Math.min(count - 1, Math.max(0, last));
    return [min + nearest * step];
  }
  const clocks: number[] = [];
  for (let i = Math.max(0, first); i <= Math.min(last, count - 1); i++) clocks.push(min + i * step);
  return clocks;
});

/** At most `count` of the rising `clocks`, evenly spread, the first and the last among them. */
export function thinClocks(clocks: readonly number[], count: number): readonly number[] {
  assert(count >= 2, "thinning keeps at least two clocks");
  if (clocks.length <= count) return clocks;
  return Array.from(
    { length: count },
    (_, i) => clocks[Math.round((i * (clocks.length - 1)) / (count - 1))]!,
  );
}
