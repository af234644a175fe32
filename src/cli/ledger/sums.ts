import type { LedgerEntry } from "../../records/index.ts";

/** By what a ledger is summed up. */
export const groupings = ["subject", "day", "hour"] as const;
export type Grouping = (typeof groupings)[number];

/** One line of a ledger. */
export interface LedgerLine {
  /** A job, a service or idle; a UTC day; or the start of an hour. */
  readonly group: string;
  readonly energyKwh: number;
  readonly gco2: number;
  /** The part of it that a later intensity can still change. */
  readonly provisionalGco2: number;
  readonly requests: number;
  readonly requestsOverTarget: number;
  readonly samples: number;
}

/** Sums of entries, one of each subject and hour, by group in the order of their names. */
export function ledgerLines(entries: readonly LedgerEntry[], by: Grouping): LedgerLine[] {
  const groups = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    const name = groupOf(entry, by);
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, own]) => lineOf(name, own));
}

/** All of it in one line. */
export function lineOf(group: string, entries: readonly LedgerEntry[]): LedgerLine {
  const sum = (value: (entry: LedgerEntry) => number) =>
    entries.reduce((running, entry) => running + value(entry), 0);
  return {
    group,
    energyKwh: sum(({ energyKwh }) => energyKwh),
    gco2: sum(({ gco2 }) => gco2),
    provisionalGco2: sum(({ gco2, final }) => (final ? 0 : gco2)),
    requests: sum(({ requests }) => requests),
    requestsOverTarget: sum(({ requestsOverTarget }) => requestsOverTarget),
    samples: sum(({ samples }) => samples),
  };
}

function groupOf({ subjectKind, subject, startsAt }: LedgerEntry, by: Grouping): string {
  if (by === "subject") return subject === "" ? subjectKind : `${subjectKind} ${subject}`;
  const time = new Date(startsAt).toISOString();
  return by === "day" ? time.slice(0, 10) : `${time.slice(0, 13)}:00Z`;
}
