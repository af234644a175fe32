import {
  compareProvider,
  createIntensityForecaster,
  createProviderMember,
  createSupplyForecaster,
  noteProviderForecast,
  observeIntensity,
  observeSupply,
} from "../../forecast/index.ts";
import { HOUR_MS, hourOf } from "../../ledger/index.ts";
import type { GridIntensity } from "../../records/index.ts";
import { type Context, requestPlan } from "../context.ts";
import { publishGridForecasts } from "../forecasts.ts";
import { certainty, type HourGrid, hourConditions, newestKnownAt } from "../grid-hours.ts";
import { restateHour } from "../ledger-hours.ts";
import { limits } from "../limits.ts";
import { gridKind, intensityKind, providerKind, supplyKind, timeId } from "../state-kinds.ts";

/**
 * A provider's forecast is one more opinion for ours. Of what was observed, a later record for an interval revises the
 * earlier one, unless it is of a less certain kind; a repeated one changes nothing. An interval older than the revision window, judged by append time, only teaches the forecaster.
 */
export function takeGridIntensity(context: Context, record: GridIntensity): void {
  if (record.kind === "forecast") noteForecast(context, record);
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
    // A source that knows no price or supply does not take away what another has said of them.
    pricePerKwh: record.pricePerKwh ?? known?.pricePerKwh ?? null,
    onSiteWatts: record.onSiteWatts ?? known?.onSiteWatts ?? null,
  };
  if (known !== undefined && sameFigures(known, interval)) {
    context.control.duplicates += 1;
    return;
  }
  context.state.put(gridKind, context.cluster, id, interval);
  forgetOldIntervals(context);
  if (record.kind === "forecast") return requestPlan(context, "provider-forecast");

  const hour = hourConditions(context, hourOf(record.startsAt));
  learn(context, record, hour);
  if (hour === undefined || !hour.complete) return;
  restateHour(context, hourOf(record.startsAt));
  if (record.startsAt + limits.revisionWindowMs < context.nowMs) return;
  publishGridForecasts(context);
  requestPlan(context, "grid-intensity");
}

function noteForecast(context: Context, record: GridIntensity): void {
  const { provider, issuedAt, startsAt, durationMs, gco2PerKwh } = record;
  const known = context.state.get(providerKind, context.cluster, provider);
  const providers = context.state.range(providerKind, context.cluster).length;
  if (issuedAt === null || (known === undefined && providers >= limits.providersMax)) return;
  const member = known ?? createProviderMember();
  noteProviderForecast(member, issuedAt, startsAt, durationMs, gco2PerKwh);
  context.state.put(providerKind, context.cluster, provider, member);
}

/** An interval teaches at once; once its hour is complete, the hour as a whole corrects what its parts said. */
function learn(context: Context, record: GridIntensity, hour: HourGrid | undefined): void {
  const { state, cluster } = context;
  const { startsAt, durationMs, gco2PerKwh, onSiteWatts } = record;
  const whole = hour?.complete === true && durationMs < HOUR_MS ? hour : undefined;
  const intensity = state.get(intensityKind, cluster, "") ?? createIntensityForecaster();
  if (hour?.complete === true) {
    for (const [provider, member] of state.range(providerKind, cluster)) {
      compareProvider(member, intensity, hourOf(startsAt), hour.gco2PerKwh);
      state.put(providerKind, cluster, provider, member);
    }
  }
  observeIntensity(intensity, startsAt, gco2PerKwh, durationMs);
  if (whole !== undefined) observeIntensity(intensity, hourOf(startsAt), whole.gco2PerKwh);
  state.put(intensityKind, cluster, "", intensity);
  if (onSiteWatts === null) return;
  const supply = state.get(supplyKind, cluster, "") ?? createSupplyForecaster();
  observeSupply(supply, startsAt, onSiteWatts, durationMs);
  if (whole?.onSiteWatts != null) observeSupply(supply, hourOf(startsAt), whole.onSiteWatts);
  state.put(supplyKind, cluster, "", supply);
}

function forgetOldIntervals(context: Context): void {
  const newest = newestKnownAt(context) ?? 0;
  for (const [id, interval] of context.state.range(gridKind, context.cluster)) {
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
