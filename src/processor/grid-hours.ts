import { HOUR_MS, hourOf } from "../ledger/index.ts";
import type { IntensityKind } from "../records/index.ts";
import type { Context } from "./context.ts";
import { gridKind } from "./state-kinds.ts";

/** How much a kind of intensity is to be believed. */
export const certainty: Record<IntensityKind, number> = { forecast: 0, estimated: 1, measured: 2 };

/** What is known of an hour: means weighted by time over the intervals within it. */
export interface HourGrid {
  readonly gco2PerKwh: number;
  readonly kind: IntensityKind;
  readonly onSiteWatts: number | null;
  /** True if intervals cover the whole hour. */
  readonly complete: boolean;
}

/** Start of the newest interval that is no forecast. */
export function newestKnownAt(context: Context): number | undefined {
  return context.state.range(gridKind, context.cluster).findLast(([, { kind }]) => kind !== "forecast")?.[1]
    .startsAt;
}

/** Undefined if nothing is known of the hour. Where something was measured or estimated, forecasts say nothing. */
export function hourConditions(context: Context, hourStartsAt: number): HourGrid | undefined {
  const within = context.state
    .range(gridKind, context.cluster)
    .flatMap(([, interval]) => (hourOf(interval.startsAt) === hourStartsAt ? [interval] : []));
  const observed = within.filter(({ kind }) => kind !== "forecast");
  let coveredMs = 0;
  let intensity = 0;
  let supplyWatts = 0;
  let hasSupply = false;
  let kind: IntensityKind = "measured";
  for (const interval of observed.length > 0 ? observed : within) {
    coveredMs += interval.durationMs;
    intensity += interval.gco2PerKwh * interval.durationMs;
    supplyWatts += (interval.onSiteWatts ?? 0) * interval.durationMs;
    hasSupply ||= interval.onSiteWatts !== null;
    if (certainty[interval.kind] < certainty[kind]) kind = interval.kind;
  }
  if (coveredMs === 0) return undefined;
  return {
    gco2PerKwh: intensity / coveredMs,
    kind,
    onSiteWatts: hasSupply ? supplyWatts / coveredMs : null,
    complete: coveredMs >= HOUR_MS,
  };
}
