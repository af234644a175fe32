import type { SubjectKind } from "../records/index.ts";

/** What one subject used and did in one hour, and what of it was stated last. */
export interface SubjectAccount {
  kind: SubjectKind;
  /** Job or service id; empty for idle GPUs. */
  id: string;
  energyJoules: number;
  requests: number;
  requestsOverTarget: number;
  samples: number;
  /** Of the entry stated last; -1 before the first. */
  revision: number;
  /** As stated last. */
  gco2: number;
  /** As stated last. */
  energyKwh: number;
}

/** All subjects of a cluster in one hour. */
export interface HourAccount {
  /** True once its hour is over and was stated. */
  closed: boolean;
  subjects: SubjectAccount[];
}

export function emptyHour(): HourAccount {
  return { closed: false, subjects: [] };
}

/** The account of a subject, opened if it has none yet. */
export function accountOf(hour: HourAccount, kind: SubjectKind, id: string): SubjectAccount {
  const known = hour.subjects.find((subject) => subject.id === id && subject.kind === kind);
  if (known !== undefined) return known;
  const opened: SubjectAccount = {
    kind,
    id,
    energyJoules: 0,
    requests: 0,
    requestsOverTarget: 0,
    samples: 0,
    revision: -1,
    gco2: 0,
    energyKwh: 0,
  };
  hour.subjects.push(opened);
  return opened;
}
