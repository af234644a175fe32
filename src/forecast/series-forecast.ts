/** A forecast of one series as quantiles: what planners and the `carm.forecasts` topic get. */
export interface SeriesForecast {
  /** Epoch milliseconds; nothing that was observed later went in. */
  readonly issuedAt: number;
  /** Start of the first step, epoch milliseconds. */
  readonly startsAt: number;
  readonly stepMs: number;
  /** Quantile levels, rising; 0.5 is always among them. */
  readonly levels: readonly number[];
  /** One array a level, one value a step, in the unit of the series; never NaN, never negative, never falling with the level. */
  readonly values: readonly Float64Array[];
  /** Share of the error of persistence (same hour yesterday) that the model saved lately: 1 perfect, 0 none, below 0 worse. */
  readonly skill: number;
}
