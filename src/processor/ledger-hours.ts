import { emptyHour, HOUR_MS, type HourAccount, hourOf, stateHour } from "../ledger/index.ts";
import { type Context, declaration } from "./context.ts";
import { expectedIntensity } from "./forecasts.ts";
import { hourConditions } from "./grid-hours.ts";
import { publishJob } from "./jobs.ts";
import { limits } from "./limits.ts";
import { jobKind, ledgerKind, removedServiceKind, timeId } from "./state-kinds.ts";

/** States every hour that is over and has waited for late samples. Called at every tick. */
export function closeHours(context: Context): void {
  const { control } = context;
  if (control.openHourStartsAt < 0) control.openHourStartsAt = hourOf(context.nowMs);
  while (context.nowMs >= control.openHourStartsAt + HOUR_MS + limits.ledgerGraceMs) {
    const startsAt = control.openHourStartsAt;
    const hour = context.state.get(ledgerKind, context.cluster, timeId(startsAt));
    if (hour !== undefined) publishHour(context, startsAt, hour);
    forgetHour(context, startsAt - limits.revisionWindowMs);
    control.openHourStartsAt += HOUR_MS;
  }
}

/** States a closed hour again: its intensity has become known or was revised. */
export function restateHour(context: Context, startsAt: number): void {
  const hour = context.state.get(ledgerKind, context.cluster, timeId(startsAt));
  if (hour?.closed === true) publishHour(context, startsAt, hour);
}

function publishHour(context: Context, startsAt: number, hour: HourAccount): void {
  const grid = hourConditions(context, startsAt);
  const before = new Map(hour.subjects.map((subject) => [subject, { ...subject }]));
  const entries = stateHour(hour, {
    cluster: context.cluster,
    startsAt,
    statedAt: context.nowMs,
    pue: declaration(context)?.pue ?? 1,
    gco2PerKwh: grid?.gco2PerKwh ?? expectedIntensity(context, startsAt),
    intensityKind: grid?.kind ?? "forecast",
    onSiteWatts: grid?.onSiteWatts ?? 0,
  });
  for (const value of entries) context.outputs.push({ topic: "carm.ledger", value });
  context.state.put(ledgerKind, context.cluster, timeId(startsAt), hour);

  for (const subject of hour.subjects) {
    if (subject.kind !== "job") continue;
    const job = context.state.get(jobKind, context.cluster, subject.id);
    const stated = before.get(subject);
    if (job === undefined || stated === undefined) continue;
    job.energyKwh += subject.energyKwh - stated.energyKwh;
    job.gco2 += subject.gco2 - stated.gco2;
    context.state.put(jobKind, context.cluster, subject.id, job);
    publishJob(context, subject.id, job);
  }
}

/** Forgets an hour that can't be revised any more, and the jobs and services that ended before it. */
function forgetHour(context: Context, startsAt: number): void {
  context.state.delete(ledgerKind, context.cluster, timeId(startsAt));
  for (const [id, job] of context.state.range(jobKind, context.cluster)) {
    if (job.finishedAt !== null && job.finishedAt < startsAt) {
      context.state.delete(jobKind, context.cluster, id);
    }
  }
  for (const [id, { removedAt }] of context.state.range(removedServiceKind, context.cluster)) {
    if (removedAt < startsAt) context.state.delete(removedServiceKind, context.cluster, id);
  }
}

/** The hour's account, opened if it has none; late samples of a closed hour restate it at the next revision. */
export function hourAccount(context: Context, timeMs: number): HourAccount {
  return context.state.get(ledgerKind, context.cluster, timeId(hourOf(timeMs))) ?? emptyHour();
}

export function keepHourAccount(context: Context, timeMs: number, hour: HourAccount): void {
  context.state.put(ledgerKind, context.cluster, timeId(hourOf(timeMs)), hour);
}
