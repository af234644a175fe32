import { assert, type GpuModel, type OperatingPoint } from "../records/index.ts";
import { supportedSmClocksMhz, thinClocks } from "./clocks.ts";

/** One measurement of a model that keeps a GPU busy. */
export interface MeasuredPoint {
  readonly smClockMhz: number;
  /** In any unit, for example samples per second. */
  readonly speed: number;
  readonly powerWatts: number;
}

export interface CurveFit {
  readonly curve: readonly OperatingPoint[];
  /** Greatest relative error of the fit at the measured points. */
  readonly maxPowerError: number;
  readonly maxSpeedError: number;
}

/** Points of a fitted curve. */
const curvePoints = 12;
/** Exponents tried, from a linear rise to a steep one at the top. */
const exponents = { lowest: 1, highest: 8, step: 0.01 };

/**
 * Fits, with x = clock over the device's highest clock,
 *
 *     power(x) = base + rise * x^k                  (the form that fits V100 kernels within a few percent)
 *     1 / speed(x) = 1 + share * (1 / x - 1)        (HKBU, arXiv 2104.00486: the rest does not follow the core clock)
 *
 * to points by least relative squares and returns the curve from the lowest to the highest clock. At least three
 * points at different clocks, the highest near the device's highest.
 */
export function fitCurve(gpu: GpuModel, points: readonly MeasuredPoint[]): CurveFit {
  assert(points.length >= 3, "a fit needs at least three points");
  const relative = points.map((point) => ({ ...point, x: point.smClockMhz / gpu.maxSmClockMhz }));
  const power = fitPower(relative);
  const slowness = fitSlowness(relative);
  const powerAt = (x: number) => power.base + power.rise * x ** power.exponent;
  const speedAt = speedFollowing(slowness.share);
  return {
    curve: sampleCurve(gpu, speedAt, powerAt),
    maxPowerError: Math.max(...relative.map((p) => Math.abs(powerAt(p.x) / p.powerWatts - 1))),
    maxSpeedError: Math.max(
      ...relative.map((p) => Math.abs((speedAt(p.x) * slowness.topSpeed) / p.speed - 1)),
    ),
  };
}

/** Relative speed against relative clock if a share of the time at the highest clock follows the core clock. */
export function speedFollowing(share: number): (x: number) => number {
  return (x) => 1 / (1 + share * (1 / x - 1));
}

/** A curve from functions of the relative clock, (0, 1]. */
export function sampleCurve(
  gpu: GpuModel,
  speedAt: (x: number) => number,
  powerWattsAt: (x: number) => number,
): readonly OperatingPoint[] {
  return thinClocks(supportedSmClocksMhz(gpu), curvePoints).map((smClockMhz) => ({
    smClockMhz,
    relativeSpeed: round(speedAt(smClockMhz / gpu.maxSmClockMhz), 4),
    powerWatts: round(powerWattsAt(smClockMhz / gpu.maxSmClockMhz), 1),
  }));
}

interface RelativePoint extends MeasuredPoint {
  readonly x: number;
}

function fitPower(points: readonly RelativePoint[]): { base: number; rise: number; exponent: number } {
  let best = { base: 0, rise: 0, exponent: 0, error: Number.POSITIVE_INFINITY };
  const steps = Math.round((exponents.highest - exponents.lowest) / exponents.step);
  for (let i = 0; i <= steps; i++) {
    const exponent = exponents.lowest + i * exponents.step;
    // Relative error: base / p + rise * x^k / p should be 1.
    const rows = points.map((p) => [1 / p.powerWatts, p.x ** exponent / p.powerWatts] as const);
    const [base, rise] = solveTwo(rows);
    if (base < 0 || rise < 0) continue;
    const error = rows.reduce((sum, [a, b]) => sum + (a * base + b * rise - 1) ** 2, 0);
    if (error < best.error) best = { base, rise, exponent, error };
  }
  assert(best.exponent > 0, "power must rise with the clock to be fitted");
  return best;
}

/** The share of time that follows the core clock, and the speed at the highest clock. */
function fitSlowness(points: readonly RelativePoint[]): { share: number; topSpeed: number } {
  // 1 / speed = a + b / x, relative: a * speed + b * speed / x should be 1. Then topSpeed = 1 / (a + b).
  const [a, b] = solveTwo(points.map((p) => [p.speed, p.speed / p.x] as const));
  const share = Math.min(1, Math.max(0, b / (a + b)));
  const scale = points.reduce((sum, p) => sum + p.speed * (1 + share * (1 / p.x - 1)), 0) / points.length;
  return { share, topSpeed: scale };
}

/** Least squares of a * row[0] + b * row[1] = 1. */
function solveTwo(rows: readonly (readonly [number, number])[]): readonly [number, number] {
  let [aa, ab, bb, a, b] = [0, 0, 0, 0, 0];
  for (const [p, q] of rows) {
    aa += p * p;
    ab += p * q;
    bb += q * q;
    a += p;
    b += q;
  }
  const determinant = aa * bb - ab * ab;
  assert(determinant > 0, "the points of a fit must lie at different clocks");
  return [(a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant];
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
