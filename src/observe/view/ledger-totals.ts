import type { LedgerEntry } from "../../records/index.ts";

/** Entries older than this against the newest hour are not revised any more and are folded into the sums. */
const REVISION_WINDOW_MS = 73 * 3_600_000;

/** What one group of subjects used and did. */
export interface LedgerSum {
  energyKwh: number;
  gco2: number;
  requests: number;
  requestsOverTarget: number;
  /** Training samples. */
  samples: number;
}

/** Sums of a cluster's ledger by group: all jobs, all idle GPUs, each service. */
export class LedgerTotals {
  readonly #settled = new Map<string, LedgerSum>();
  readonly #open = new Map<string, LedgerEntry>();
  #newestAt = 0;

  /** Takes a statement; one of a lower revision than the one known changes nothing. */
  take(entry: LedgerEntry): void {
    const key = `${entry.startsAt}/${groupOf(entry)}/${entry.subject}`;
    const known = this.#open.get(key);
    if (known !== undefined && known.revision > entry.revision) return;
    this.#open.set(key, entry);
    if (entry.startsAt <= this.#newestAt) return;
    this.#newestAt = entry.startsAt;
    for (const [openKey, open] of this.#open) {
      if (open.startsAt >= this.#newestAt - REVISION_WINDOW_MS) continue;
      this.#open.delete(openKey);
      add(this.#settled, open);
    }
  }

  /** Sums of final statements by group: `job`, `idle`, `service/NAME`. */
  final(): Map<string, LedgerSum> {
    const sums = new Map([...this.#settled].map(([group, sum]) => [group, { ...sum }]));
    for (const entry of this.#open.values()) if (entry.final) add(sums, entry);
    return sums;
  }

  /** Sums of statements that a later intensity can still change; 0 for a group that has none. */
  provisional(): Map<string, LedgerSum> {
    const sums = new Map([...this.final().keys()].map((group) => [group, nothing()]));
    for (const entry of this.#open.values()) if (!entry.final) add(sums, entry);
    return sums;
  }
}

function groupOf({ subjectKind, subject }: LedgerEntry): string {
  return subjectKind === "service" ? `service/${subject}` : subjectKind;
}

function add(sums: Map<string, LedgerSum>, entry: LedgerEntry): void {
  const group = groupOf(entry);
  const sum = sums.get(group) ?? nothing();
  sums.set(group, sum);
  sum.energyKwh += entry.energyKwh;
  sum.gco2 += entry.gco2;
  sum.requests += entry.requests;
  sum.requestsOverTarget += entry.requestsOverTarget;
  sum.samples += entry.samples;
}

function nothing(): LedgerSum {
  return { energyKwh: 0, gco2: 0, requests: 0, requestsOverTarget: 0, samples: 0 };
}
