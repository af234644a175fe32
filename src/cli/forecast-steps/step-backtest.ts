import {
  createIntensityForecaster,
  createRequestForecaster,
  forecastIntervals,
  observeIntensity,
  observeRequests,
} from "../../forecast/index.ts";
import { type LeadReport, LeadScores, scoredLevels } from "./step-scores.ts";
import type { StepSeries } from "./step-series.ts";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Leads that are scored, as far as the resolution and the length of the series allow. */
const leadsMs = [10_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 21_600_000, DAY_MS, 3 * DAY_MS];
/** Leads are scored up to this share of the series. */
const LONGEST_LEAD_SHARE = 0.15;

export interface StepBacktest {
  readonly series: string;
  readonly unit: string;
  readonly stepMs: number;
  readonly from: string;
  readonly to: string;
  readonly leads: readonly LeadReport[];
}

/**
 * Rolls through the series: after each step from `fromMs` on a forecast is issued, which saw that step and all before
 * it, and its leads are scored. A lead ends with the step that is forecast.
 */
export function stepBacktest(
  series: StepSeries,
  fromMs: number,
  onProgress: (share: number) => void,
): StepBacktest {
  const { stepMs, values } = series;
  const requests = series.unit === "requests/s";
  const forecaster = requests ? createRequestForecaster() : createIntensityForecaster();
  const lengthMs = values.length * stepMs;
  const usable = leadsMs.filter((lead) => lead % stepMs === 0 && lead <= LONGEST_LEAD_SHARE * lengthMs);
  const scores = usable.map((lead) => new LeadScores(lead));
  const steps = Math.max(0, ...usable) / stepMs;
  for (let i = 0; i < values.length; i++) {
    const at = series.fromMs + i * stepMs;
    if (at >= fromMs && i > 0) scoreIssue(i);
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    if (requests) observeRequests(forecaster, at, stepMs, (value * stepMs) / 1000);
    else observeIntensity(forecaster, at, value, stepMs);
    if (i % 100 === 0) onProgress(i / values.length);
  }
  onProgress(1);

  function scoreIssue(next: number): void {
    const issuedAt = series.fromMs + next * stepMs;
    const forecast = forecastIntervals(forecaster, issuedAt, { stepMs, steps });
    if (forecast === undefined) return;
    for (const score of scores) {
      const step = score.leadMs / stepMs - 1;
      const target = next + step;
      const actual = values[target];
      if (actual === undefined || Number.isNaN(actual)) continue;
      const quantiles = scoredLevels.map((level) => forecast.values[forecast.levels.indexOf(level)]![step]!);
      score.score(issuedAt - fromMs, actual, forecast.point[step]!, quantiles, {
        lastValue: known(next - 1, next),
        yesterday: known(target - (DAY_MS * Math.ceil((score.leadMs + 1) / DAY_MS - 1e-9)) / stepMs, next),
        lastWeek: known(target - WEEK_MS / stepMs, next),
      });
    }
  }

  /** A value of before the issue; undefined if there is none. */
  function known(index: number, next: number): number | undefined {
    const value = index < next ? values[index] : undefined;
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  const iso = (at: number): string => new Date(at).toISOString().slice(0, 16);
  return {
    series: series.name,
    unit: series.unit,
    stepMs,
    from: iso(fromMs),
    to: iso(series.fromMs + lengthMs),
    leads: scores.map((score) => score.report(stepMs)),
  };
}
