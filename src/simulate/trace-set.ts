/** What a scenario is built from: recordings, or typical days where there are none. Implemented in sources/replay. */
export interface TraceSet {
  readonly kind: "recorded" | "typical";
  /** Lines to print wherever the data or something derived from it is shown. */
  readonly attribution: readonly string[];
  /** Zones with intensity, by name. */
  readonly zones: readonly string[];
  /**
   * Hourly life-cycle intensity, g/kWh, for hours in [fromMs, toMs); `fromMs` is a full hour.
   * Throws ERR_ZONE_UNKNOWN or ERR_TRACE_MISSING, saying what there is.
   */
  intensity(zone: string, fromMs: number, toMs: number): Promise<Float64Array>;
  /** First and last hour with intensity; undefined if any hour will do. */
  intensityRange(zone: string): Promise<{ readonly fromMs: number; readonly toMs: number } | undefined>;
  /** Hourly on-site supply for hours in [fromMs, toMs), scaled to a yearly mean of 1. */
  onSiteShape(
    zone: string,
    kind: "solar" | "wind" | "both",
    fromMs: number,
    toMs: number,
  ): Promise<OnSiteShape>;
  /** Request rate of service number `service` (0, 1, 2 …) a step of `stepMs`, scaled so that its usual weekly peak is 1. */
  requestRate(service: number, fromMs: number, toMs: number, stepMs: number): Promise<Float64Array>;
  /** Jobs of 0.5 to 48 h on at most 8 GPUs. */
  jobRows(): Promise<readonly JobRow[]>;
}

export interface OnSiteShape {
  readonly values: Float64Array;
  /** What was assumed, for the report; empty for a recording of the zone itself. */
  readonly assumption: string;
}

export interface JobRow {
  readonly durationMs: number;
  readonly gpus: number;
  /** Hour of the week of submission, 0 = Monday 00:00 UTC. */
  readonly hourOfWeek: number;
  /** When it was submitted in the recording, milliseconds from any UTC midnight; null if only the hour of the week is known. */
  readonly recordedAt: number | null;
}
