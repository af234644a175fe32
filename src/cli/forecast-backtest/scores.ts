/** Hours and days that a forecast is scored on. */
export const LEADS = 96;
export const DAYS = 4;
/** An hour with less than this, g/kWh, is left out of the mean relative error: it would say nothing. */
const MIN_ACTUAL_GCO2_PER_KWH = 0.5;
/** Shares that intervals claim, and the quantile levels at their ends. */
export const intervals = [
  { share: "50", from: 0.25, to: 0.75 },
  { share: "80", from: 0.1, to: 0.9 },
  { share: "90", from: 0.05, to: 0.95 },
  { share: "95", from: 0.025, to: 0.975 },
] as const;

/** Sums of errors by lead hour (0 to 95). */
export interface Scores {
  readonly count: Float64Array;
  readonly absolute: Float64Array;
  readonly squared: Float64Array;
  readonly relative: Float64Array;
  readonly relativeCount: Float64Array;
  readonly pinball: Float64Array;
  /** One array an interval: how often the actual lay in it. */
  readonly covered: readonly Float64Array[];
}

/** Scores of one day ahead, as `--json` prints them. */
export interface DayScore {
  readonly day: number;
  /** Percent. */
  readonly mape: number | null;
  readonly mae: number | null;
  readonly rmse: number | null;
}

export interface QuantileDayScore extends DayScore {
  /** Mean over the quantile levels. */
  readonly pinball: number | null;
  /** By claimed share in percent. */
  readonly coverage: { readonly [share: string]: number | null };
}

export function createScores(): Scores {
  const zeros = (): Float64Array => new Float64Array(LEADS);
  return {
    count: zeros(),
    absolute: zeros(),
    squared: zeros(),
    relative: zeros(),
    relativeCount: zeros(),
    pinball: zeros(),
    covered: intervals.map(zeros),
  };
}

export function scorePoint(scores: Scores, lead: number, forecast: number, actual: number): void {
  const error = Math.abs(forecast - actual);
  scores.count[lead]! += 1;
  scores.absolute[lead]! += error;
  scores.squared[lead]! += error * error;
  if (actual <= MIN_ACTUAL_GCO2_PER_KWH) return;
  scores.relative[lead]! += error / actual;
  scores.relativeCount[lead]! += 1;
}

/** `quantiles[i]` is of level `levels[i]`. */
export function scoreQuantiles(
  scores: Scores,
  lead: number,
  levels: readonly number[],
  quantiles: readonly number[],
  actual: number,
): void {
  let sum = 0;
  for (let i = 0; i < levels.length; i++) {
    const below = actual - quantiles[i]!;
    sum += below >= 0 ? levels[i]! * below : (levels[i]! - 1) * below;
  }
  scores.pinball[lead]! += sum / levels.length;
  const at = (level: number): number => quantiles[levels.indexOf(level)]!;
  intervals.forEach(({ from, to }, i) => {
    if (actual >= at(from) && actual <= at(to)) scores.covered[i]![lead]! += 1;
  });
}

export function dayScores(scores: Scores): DayScore[] {
  return Array.from({ length: DAYS }, (_, day) => ({
    day: day + 1,
    mape: times(100, ratio(sumDay(scores.relative, day), sumDay(scores.relativeCount, day))),
    mae: ratio(sumDay(scores.absolute, day), sumDay(scores.count, day)),
    rmse: root(ratio(sumDay(scores.squared, day), sumDay(scores.count, day))),
  }));
}

export function quantileDayScores(scores: Scores): QuantileDayScore[] {
  return dayScores(scores).map((score, day) => {
    const count = sumDay(scores.count, day);
    const coverage = intervals.map(({ share }, i) => [share, ratio(sumDay(scores.covered[i]!, day), count)]);
    return {
      ...score,
      pinball: ratio(sumDay(scores.pinball, day), count),
      coverage: Object.fromEntries(coverage),
    };
  });
}

function sumDay(values: Float64Array, day: number): number {
  return values.subarray(24 * day, 24 * day + 24).reduce((a, b) => a + b, 0);
}

/** null where nothing was scored: JSON knows no NaN. */
function ratio(sum: number, count: number): number | null {
  return count === 0 ? null : sum / count;
}

function times(factor: number, value: number | null): number | null {
  return value === null ? null : factor * value;
}

function root(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value);
}
