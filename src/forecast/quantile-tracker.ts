/**
 * Quantiles of the error that follow their own coverage: after each error r, scaled by its recent mean size s, the
 * quantile of level p moves by gain (p - 1{r/s <= q}), so over time a share p of errors lies below it whatever the
 * distribution does (the P-control step of conformal PID, Angelopoulos et al. 2023; Gibbs & Candès 2021).
 * Many cells side by side, each with its own scale and quantiles.
 */
export interface QuantileTracker {
  /** Mean |r| of each cell. */
  readonly scale: Float32Array;
  /** Weight of errors seen by each cell. */
  readonly seen: Float32Array;
  /** Quantiles in units of the scale, one row of `quantileLevels` a cell. */
  readonly quantiles: Float32Array;
}

export const quantileLevels: readonly number[] = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];
const LEVELS = quantileLevels.length;
const MEDIAN = quantileLevels.indexOf(0.5);
/** Quantiles of a normal distribution in units of its mean absolute value: where each cell starts. */
const startQuantiles = [-2.46, -2.06, -1.61, -0.85, 0, 0.85, 1.61, 2.06, 2.46];

const SCALE_RATE = 0.02;
const GAIN = 0.25;
/** A young cell moves by this share of its distance, so that it is usable within days. */
const YOUNG_GAIN = 1.25;

export function createQuantileTracker(startScales: readonly number[]): QuantileTracker {
  const cells = startScales.length;
  return {
    scale: Float32Array.from(startScales),
    seen: new Float32Array(cells),
    quantiles: Float32Array.from({ length: cells * LEVELS }, (_, i) => startQuantiles[i % LEVELS]!),
  };
}

/** Takes in an error that counts `weight` (1 = one a day). */
export function trackError(tracker: QuantileTracker, cell: number, error: number, weight: number): void {
  const seen = tracker.seen[cell]! + weight;
  tracker.seen[cell] = seen;
  const scaled = error / tracker.scale[cell]!;
  const gain = weight * Math.max(GAIN, Math.min(YOUNG_GAIN / seen, 4 * GAIN));
  for (let i = 0, at = cell * LEVELS; i < LEVELS; i++, at++) {
    tracker.quantiles[at]! += gain * (quantileLevels[i]! - (scaled <= tracker.quantiles[at]! ? 1 : 0));
  }
  const rate = weight * Math.max(SCALE_RATE, 1 / (2 + seen));
  tracker.scale[cell]! += rate * (Math.abs(error) - tracker.scale[cell]!);
  tracker.scale[cell] = Math.max(tracker.scale[cell]!, MIN_SCALE);
}

/** Errors of a constant series are 0: the scale never is. */
const MIN_SCALE = 1e-4;

/** Writes the error quantiles of a cell into `out`, rising; the median is the forecast itself, which wavers less. */
export function errorQuantiles(tracker: QuantileTracker, cell: number, out: Float64Array): void {
  for (let i = 0; i < LEVELS; i++) out[i] = tracker.quantiles[cell * LEVELS + i]! * tracker.scale[cell]!;
  out[MEDIAN] = 0;
  out.sort();
}
