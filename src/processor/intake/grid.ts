import {
  createIntensityForecaster,
  createSupplyForecaster,
  observeIntensity,
  observeSupply,
} from "../../forecast/index.ts";
import { hourOf } from "../../ledger/index.ts";
import type { GridIntensity } from "../../records/index.ts";
import { type Context, requestPlan } from "../context.ts";
import { publishGridForecasts } from "../forecasts.ts";
import { certainty, type HourGrid, hourConditions } from "../grid-hours.ts";
import { restateHour } from "../ledger-hours.ts";
import { limits } from "../limits.ts";
import { gridKind, intensityKind, supplyKind, timeId } from "../state-kinds.ts";

/**
 * A later record for an interval revises the earlier one, unless it is of a less certain kind; a repeated one changes
 * nothing. An interval older than the revision window, judged by append time, only teaches the forecaster.
 */
export function takeGridIntensity(context: Context, record: GridIntensity): void {
  const id = timeId(record.startsAt);
  const known = context.state.get(gridKind, context.cluster, id);
  if (known !== undefined && certainty[known.kind] > certainty[record.kind]) {
    context.control.late += 1;
    return;
  }
  const interval = {
    startsAt: record.startsAt,
    durationMs: record.durationMs,
    gco2PerKwh: record.gco2PerKwh,
    kind: record.kind,
    pricePerKwh: record.pricePerKwh,
    onSiteWatts: record.onSiteWatts,
  };
  if (known !== undefined && sameFigures(known, interval)) {
    context.control.duplicates += 1;
    return;
  }
  context.state.put(gridKind, context.cluster, id, interval);
  forgetOldIntervals(context);
  if (record.kind === "forecast") return;

  const hour = hourConditions(context, hourOf(record.startsAt));
  if (hour === undefined || !hour.complete) return;
  learn(context, hourOf(record.startsAt), hour);
  restateHour(context, hourOf(record.startsAt));
  if (record.startsAt + limits.revisionWindowMs < context.nowMs) return;
  publishGridForecasts(context);
  requestPlan(context, "grid-intensity");
}

function learn(context: Context, hourStartsAt: number, hour: HourGrid): void {
  const intensity = context.state.get(intensityKind, context.cluster, "") ?? createIntensityForecaster();
  observeIntensity(intensity, hourStartsAt, hour.gco2PerKwh);
  context.state.put(intensityKind, context.cluster, "", intensity);
  if (hour.onSiteWatts === null) return;
  const supply = context.state.get(supplyKind, context.cluster, "") ?? createSupplyForecaster();
  observeSupply(supply, hourStartsAt, hour.onSiteWatts);
  context.state.put(supplyKind, context.cluster, "", supply);
}

function forgetOldIntervals(context: Context): void {
  const intervals = context.state.range(gridKind, context.cluster);
  const newest = intervals.at(-1)?.[1].startsAt ?? 0;
  for (const [id, interval] of intervals) {
    if (interval.startsAt >= newest - limits.revisionWindowMs) return;
    context.state.delete(gridKind, context.cluster, id);
  }
}

type Figures = Pick<GridIntensity, "durationMs" | "gco2PerKwh" | "kind" | "pricePerKwh" | "onSiteWatts">;

function sameFigures(a: Figures, b: Figures): boolean {
  return (
    a.durationMs === b.durationMs &&
    a.gco2PerKwh === b.gco2PerKwh &&
    a.kind === b.kind &&
    a.pricePerKwh === b.pricePerKwh &&
    a.onSiteWatts === b.onSiteWatts
  );
}
