import type { IntensityKind, LedgerEntry } from "../records/index.ts";
import type { HourAccount, SubjectAccount } from "./account.ts";
import { HOUR_MS } from "./energy.ts";

const JOULES_PER_KWH = 3_600_000;

/** What an hour's grams depend on besides energy. */
export interface HourConditions {
  readonly cluster: string;
  /** Start of the hour, epoch milliseconds. */
  readonly startsAt: number;
  readonly statedAt: number;
  readonly pue: number;
  readonly gco2PerKwh: number;
  readonly intensityKind: IntensityKind;
  /** Mean on-site supply of the hour; 0 without. */
  readonly onSiteWatts: number;
}

/**
 * States an hour in full: an entry for every subject, with the next
 * revision. Grams are intensity × max(0, PUE × energy − on-site supply), matched by the hour; what the supply saves
 * is shared in proportion to energy.
 */
export function stateHour(hour: HourAccount, conditions: HourConditions): LedgerEntry[] {
  const gridShare = shareFromGrid(hour, conditions);
  const final = conditions.intensityKind !== "forecast";
  const entries: LedgerEntry[] = [];
  for (const subject of hour.subjects) {
    const energyKwh = subject.energyJoules / JOULES_PER_KWH;
    const gco2 = energyKwh * conditions.pue * gridShare * conditions.gco2PerKwh;
    subject.revision += 1;
    subject.energyKwh = energyKwh;
    subject.gco2 = gco2;
    entries.push(entry(subject, conditions, final));
  }
  hour.closed = true;
  return entries;
}

/** Share of the facility's energy that on-site supply did not cover, 0 to 1. */
function shareFromGrid(hour: HourAccount, conditions: HourConditions): number {
  let itJoules = 0;
  for (const subject of hour.subjects) itJoules += subject.energyJoules;
  const facilityJoules = itJoules * conditions.pue;
  if (facilityJoules === 0) return 1;
  const onSiteJoules = conditions.onSiteWatts * (HOUR_MS / 1000);
  return Math.max(0, facilityJoules - onSiteJoules) / facilityJoules;
}

function entry(subject: SubjectAccount, conditions: HourConditions, final: boolean): LedgerEntry {
  return {
    cluster: conditions.cluster,
    observedAt: conditions.statedAt,
    subjectKind: subject.kind,
    subject: subject.id,
    startsAt: conditions.startsAt,
    durationMs: HOUR_MS,
    revision: subject.revision,
    final,
    energyKwh: subject.energyKwh,
    gco2: subject.gco2,
    intensityKind: conditions.intensityKind,
    requests: subject.requests,
    requestsOverTarget: subject.requestsOverTarget,
    samples: subject.samples,
  };
}
