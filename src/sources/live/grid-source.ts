import type { IntensityKind, Signal } from "../../records/index.ts";

/** What a provider says about one interval of a zone. */
export interface GridReading {
  /** Epoch milliseconds. */
  readonly startsAt: number;
  readonly durationMs: number;
  readonly gco2PerKwh: number;
  readonly kind: IntensityKind;
  /** When a forecast was issued, epoch milliseconds; null for what is no forecast. */
  readonly issuedAt: number | null;
}

/** A provider of carbon intensity for one zone. */
export interface GridSource {
  /** Goes into every record, for example `electricity-maps`. */
  readonly provider: string;
  /** As Electricity Maps names it. */
  readonly zone: string;
  /** What its figures mean; they go to the clusters that are planned by that signal. */
  readonly signal: Signal;
  /**
   * What the provider says now: past intervals, revised ones among them, and its forecast. Throws
   * ERR_SOURCE_UNAVAILABLE, ERR_SOURCE_REFUSED, ERR_SOURCE_MALFORMED.
   */
  read(nowMs: number): Promise<readonly GridReading[]>;
}
