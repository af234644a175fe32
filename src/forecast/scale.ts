/**
 * The scale on which a series is forecast: z = ln(max(y, 0) + c) - ln(m + c), m a typical level and c a share of it,
 * so that near zero the logarithm does not blow up. Plain data; `c` follows the level (see hourly-forecaster).
 */
export interface Scale {
  readonly offset: number;
  readonly logLevel: number;
}

const OFFSET_SHARE = 0.3;

/** A scale for a series around `level`; `floor` is the least offset, in the unit of the series. */
export function scaleFor(level: number, floor: number): Scale {
  const offset = Math.max(OFFSET_SHARE * level, floor);
  return { offset, logLevel: Math.log(level + offset) };
}

export function toScale(scale: Scale, y: number): number {
  return Math.log(Math.max(y, 0) + scale.offset) - scale.logLevel;
}

/** Inverse of `toScale`, never negative, and finite whatever `z` is. */
export function fromScale(scale: Scale, z: number): number {
  return Math.max(0, Math.exp(Math.min(z, MAX_Z) + scale.logLevel) - scale.offset);
}

/** e^12 times the typical level: no series that is real reaches it. */
const MAX_Z = 12;
