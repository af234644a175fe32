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

/** A forecast with what it was made of. */
export interface IssuedForecast extends SeriesForecast {
  /**
   * The one value a step to be judged by both absolute and relative error: a little below the median where the spread
   * is wide, because a relative error of too high a forecast has no bound (see pointBelow in hourly-forecaster).
   */
  readonly point: Float64Array;
  /** Who had a say, in shares that add to 1: the model of this program, and the providers whose forecasts were heard. */
  readonly weights: readonly MemberWeight[];
}

export interface MemberWeight {
  readonly member: string;
  readonly weight: number;
}
