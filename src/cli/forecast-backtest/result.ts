import type { BacktestResult } from "./backtest.ts";
import { type DayScore, dayScores, type QuantileDayScore, quantileDayScores } from "./scores.ts";

/** What `--json` prints of one series. */
export interface SeriesReport {
  readonly zone: string;
  readonly column: string;
  readonly from: string;
  readonly to: string;
  readonly issues: number;
  readonly days: readonly QuantileDayScore[];
  readonly baselines: {
    readonly persistence: { readonly days: readonly DayScore[] };
    readonly seasonalNaive: { readonly days: readonly DayScore[] };
    readonly published?: { readonly days: readonly DayScore[] };
  };
}

/** What `--json` prints of several series. */
export interface ZonesReport {
  readonly zones: readonly SeriesReport[];
  /** Geometric mean over the zones of our error over the published forecast's, by day; null without one. */
  readonly ratioToPublished: { readonly mape: readonly number[]; readonly mae: readonly number[] } | null;
}

export function seriesReport(
  series: Pick<SeriesReport, "zone" | "column" | "from" | "to">,
  result: BacktestResult,
): SeriesReport {
  return {
    ...series,
    issues: result.issues,
    days: quantileDayScores(result.model),
    baselines: {
      persistence: { days: dayScores(result.persistence) },
      seasonalNaive: { days: dayScores(result.seasonalNaive) },
      ...(result.published && { published: { days: dayScores(result.published) } }),
    },
  };
}

export function zonesReport(zones: readonly SeriesReport[]): ZonesReport {
  const compared = zones.filter((zone) => zone.baselines.published !== undefined);
  if (compared.length === 0) return { zones, ratioToPublished: null };
  const ratios = (key: "mape" | "mae"): number[] =>
    compared[0]!.days.map((_, day) => meanRatio(compared, key, day));
  return { zones, ratioToPublished: { mape: ratios("mape"), mae: ratios("mae") } };
}

function meanRatio(zones: readonly SeriesReport[], key: "mape" | "mae", day: number): number {
  const logs = zones.flatMap((zone) => {
    const ours = zone.days[day]![key];
    const theirs = zone.baselines.published!.days[day]![key];
    return ours === null || theirs === null || theirs === 0 ? [] : [Math.log(ours / theirs)];
  });
  return Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length);
}
