/** How good forecasts of one lead were. */
export interface LeadReport {
  readonly leadMs: number;
  readonly steps: number;
  /** Percent, over steps with an actual above 0. */
  readonly mape: number | null;
  readonly mae: number | null;
  /** Share of actual values at or below the quantile, by level. */
  readonly below: { readonly [level: string]: number | null };
  /** The same for the 95 % quantile in the worst whole week; null for less than a week. */
  readonly worstWeekBelow95: number | null;
  /** Mean of the 95 % quantile over the mean actual, less 1: what is held ready for nothing. */
  readonly headroom95: number | null;
  readonly baselines: {
    readonly [name: string]: { readonly mape: number | null; readonly mae: number | null };
  };
}

export const scoredLevels = [0.5, 0.75, 0.9, 0.95, 0.975] as const;
const WEEK_MS = 7 * 86_400_000;

interface ErrorSums {
  absolute: number;
  relative: number;
  count: number;
  relativeCount: number;
}

/** Gathers the scores of one lead. */
export class LeadScores {
  readonly leadMs: number;
  readonly #own = newSums();
  readonly #baselines = new Map<string, ErrorSums>();
  readonly #below = scoredLevels.map(() => 0);
  /** By week of the scored time: steps, and how many lay at or below the 95 % quantile. */
  readonly #weeks = new Map<number, [steps: number, below: number]>();
  #actual = 0;
  #upper = 0;

  constructor(leadMs: number) {
    this.leadMs = leadMs;
  }

  /** `quantiles[i]` is of `scoredLevels[i]`; a baseline that has nothing to say gives undefined. */
  score(
    sinceFirstMs: number,
    actual: number,
    point: number,
    quantiles: readonly number[],
    baselines: { readonly [name: string]: number | undefined },
  ): void {
    add(this.#own, point, actual);
    scoredLevels.forEach((_, i) => {
      if (actual <= quantiles[i]!) this.#below[i]! += 1;
    });
    const upper = quantiles[scoredLevels.indexOf(0.95)]!;
    const week = Math.floor(sinceFirstMs / WEEK_MS);
    const [steps, below] = this.#weeks.get(week) ?? [0, 0];
    this.#weeks.set(week, [steps + 1, below + (actual <= upper ? 1 : 0)]);
    this.#actual += actual;
    this.#upper += upper;
    for (const [name, value] of Object.entries(baselines)) {
      const sums = this.#baselines.get(name) ?? newSums();
      this.#baselines.set(name, sums);
      if (value !== undefined) add(sums, value, actual);
    }
  }

  report(stepMs: number): LeadReport {
    const { count } = this.#own;
    const whole = [...this.#weeks.values()].filter(([steps]) => steps * stepMs >= 0.9 * WEEK_MS);
    const worst = Math.min(...whole.map(([steps, below]) => below / steps));
    return {
      leadMs: this.leadMs,
      steps: count,
      ...means(this.#own),
      below: Object.fromEntries(
        scoredLevels.map((level, i) => [level, count === 0 ? null : this.#below[i]! / count]),
      ),
      worstWeekBelow95: whole.length === 0 ? null : worst,
      headroom95: this.#actual === 0 ? null : this.#upper / this.#actual - 1,
      baselines: Object.fromEntries(Array.from(this.#baselines, ([name, sums]) => [name, means(sums)])),
    };
  }
}

function newSums(): ErrorSums {
  return { absolute: 0, relative: 0, count: 0, relativeCount: 0 };
}

function add(sums: ErrorSums, forecast: number, actual: number): void {
  const error = Math.abs(forecast - actual);
  sums.absolute += error;
  sums.count += 1;
  if (actual <= 0) return;
  sums.relative += error / actual;
  sums.relativeCount += 1;
}

function means({ absolute, relative, count, relativeCount }: ErrorSums) {
  return {
    mape: relativeCount === 0 ? null : (100 * relative) / relativeCount,
    mae: count === 0 ? null : absolute / count,
  };
}
