import {
  createIntensityForecaster,
  forecastIntensity,
  type IssuedForecast,
  observeIntensity,
} from "../../forecast/index.ts";
import { DAY_MS, type Feed, HOUR_MS } from "./feed.ts";
import type { PublishedForecasts } from "./published.ts";
import { createScores, LEADS, type Scores, scorePoint, scoreQuantiles } from "./scores.ts";

/** One issue a day at 00:00Z, from the day of `fromMs` to that of `toMs`, inclusive. */
export interface BacktestRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface BacktestResult {
  readonly issues: number;
  readonly model: Scores;
  readonly persistence: Scores;
  readonly seasonalNaive: Scores;
  readonly published: Scores | undefined;
  /** Forecasts kept for pictures, by issue time. */
  readonly kept: readonly IssuedForecast[];
}

/** Forecasts kept for a picture. */
const KEPT = 8;

/**
 * Rolls through the feed: the forecaster sees every hour that arrived before an issue and nothing else. Issues without
 * a published forecast are left out if there is one to compare with, so that all are scored on the same hours.
 */
export function backtest(
  feed: Feed,
  range: BacktestRange,
  published: PublishedForecasts | undefined,
  onProgress: (share: number) => void,
): BacktestResult {
  const forecaster = createIntensityForecaster();
  const seen = new Map<number, number>();
  const kept: IssuedForecast[] = [];
  const result = {
    model: createScores(),
    persistence: createScores(),
    seasonalNaive: createScores(),
    published: published && createScores(),
  };
  let issues = 0;
  let next = 0;
  for (
    let issuedAt = firstIssue(feed.fromMs);
    issuedAt <= Math.min(range.toMs, feed.toMs);
    issuedAt += DAY_MS
  ) {
    for (; next < feed.hours.length && feed.hours[next]!.arrivesAfter < issuedAt; next++) {
      const { startsAt, value } = feed.hours[next]!;
      observeIntensity(forecaster, startsAt, value);
      seen.set(startsAt, value);
    }
    onProgress(next / feed.hours.length);
    if (issuedAt < range.fromMs || (published !== undefined && !published.has(issuedAt))) continue;
    const forecast = forecastIntensity(forecaster, issuedAt, LEADS);
    if (forecast === undefined) continue;
    scoreIssue(result, feed.truth, seen, forecast, published?.get(issuedAt));
    kept.push(forecast);
    if (kept.length > KEPT) kept.shift();
    issues += 1;
  }
  onProgress(1);
  return { issues, ...result, kept };
}

function firstIssue(fromMs: number): number {
  return Math.ceil((fromMs + HOUR_MS) / DAY_MS) * DAY_MS;
}

function scoreIssue(
  result: Pick<BacktestResult, "model" | "persistence" | "seasonalNaive" | "published">,
  truth: ReadonlyMap<number, number>,
  seen: ReadonlyMap<number, number>,
  forecast: IssuedForecast,
  published: Float64Array | undefined,
): void {
  const { levels, values, point, issuedAt } = forecast;
  for (let lead = 0; lead < LEADS; lead++) {
    const target = issuedAt + lead * HOUR_MS;
    const actual = truth.get(target);
    const other = published?.[lead];
    if (actual === undefined || Number.isNaN(other)) continue;
    const quantiles = values.map((value) => value[lead]!);
    scorePoint(result.model, lead, point[lead]!, actual);
    scoreQuantiles(result.model, lead, levels, quantiles, actual);
    const yesterday = latestBefore(seen, target, issuedAt, DAY_MS);
    if (yesterday !== undefined) scorePoint(result.persistence, lead, yesterday, actual);
    const lastWeek = latestBefore(seen, target, issuedAt, 7 * DAY_MS);
    if (lastWeek !== undefined) scorePoint(result.seasonalNaive, lead, lastWeek, actual);
    if (other !== undefined) scorePoint(result.published!, lead, other, actual);
  }
}

/** How many periods a naive forecast looks back for a value that came in. */
const LOOK_BACK_PERIODS = 8;

/** The newest value from before `issuedAt` that lies whole periods before `target`. */
function latestBefore(
  seen: ReadonlyMap<number, number>,
  target: number,
  issuedAt: number,
  periodMs: number,
): number | undefined {
  const ahead = Math.floor((target - issuedAt) / periodMs) + 1;
  for (let i = 0; i < LOOK_BACK_PERIODS; i++) {
    const value = seen.get(target - (ahead + i) * periodMs);
    if (value !== undefined) return value;
  }
  return undefined;
}
