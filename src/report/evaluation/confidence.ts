import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A figure with its 95 % bootstrap interval; null where the runs it needs are missing. */
export interface Estimate {
  readonly value: number;
  readonly ci95: readonly [low: number, high: number];
}

/** Grams, or anything else that adds up, by policy. */
export type Amounts = ReadonlyMap<string, number>;

const RESAMPLES = 2000;
const SEED = 1;

/**
 * A ratio over the sums of all groups, with the percentile interval over resampled groups. Groups are start dates: what
 * starts together shares weather and weeks, so only whole dates are drawn anew. With one group both ends are the value.
 */
export function estimate(
  groups: readonly Amounts[],
  ratio: (sums: Amounts) => number | null,
): Estimate | null {
  const value = ratio(sum(groups));
  if (value === null) return null;
  const generator = xoroshiro128plus(SEED);
  const draws: number[] = [];
  for (let i = 0; i < RESAMPLES && groups.length > 1; i += 1) {
    const drawn = groups.map(() => groups[uniformInt(generator, 0, groups.length - 1)]!);
    const resampled = ratio(sum(drawn));
    if (resampled !== null) draws.push(resampled);
  }
  if (draws.length === 0) return { value, ci95: [value, value] };
  draws.sort((a, b) => a - b);
  const at = (share: number) => draws[Math.round(share * (draws.length - 1))]!;
  return { value, ci95: [at(0.025), at(0.975)] };
}

function sum(groups: readonly Amounts[]): Amounts {
  const sums = new Map<string, number>();
  for (const group of groups) {
    for (const [name, amount] of group) sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return sums;
}
