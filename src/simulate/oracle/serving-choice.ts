import type { OracleServiceSlot, OracleServingOption } from "./problem.ts";

/**
 * The options of one service in one slot that a best plan may use: those that hold the target, the fastest where none does,
 * of each GPU count the one of least power.
 */
export function servingChoices({ options }: OracleServiceSlot): readonly OracleServingOption[] {
  const ok = options.filter((option) => option.ok);
  const usable = ok.length > 0 ? ok : options.toSorted((a, b) => b.mhz - a.mhz).slice(0, 1);
  const best = new Map<number, OracleServingOption>();
  for (const option of usable) {
    const known = best.get(option.gpus);
    if (known === undefined || option.watts < known.watts) best.set(option.gpus, option);
  }
  return [...best.values()];
}
