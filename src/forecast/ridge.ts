import { ShortFloats } from "./short-floats.ts";

/**
 * Weighted least squares with exponential forgetting, many models side by side: for each the packed upper triangle of
 * A = sum of w x x^T, and B = sum of w v x. Sums are kept in 24 bits (16 of them the fraction: each update rounds by
 * 1e-5, a thousandth of what it adds, in either direction) and solved in 64.
 */
export interface RidgeSums {
  readonly features: number;
  /** Numbers a model takes in `a`. */
  readonly packed: number;
  readonly a: ShortFloats;
  readonly b: ShortFloats;
  readonly weights: ShortFloats;
}

export function createRidgeSums(models: number, features: number): RidgeSums {
  const packed = (features * (features + 1)) / 2;
  return {
    features,
    packed,
    a: new ShortFloats(models * packed),
    b: new ShortFloats(models * features),
    weights: new ShortFloats(models * features),
  };
}

export function predictRidge(sums: RidgeSums, model: number, x: Float64Array): number {
  const { features } = sums;
  const weights = sums.weights.values;
  const base = model * features;
  let value = 0;
  for (let i = 0; i < features; i++) value += weights[base + i]! * x[i]!;
  return value;
}

/** Forgets by `keep`, then adds the sample (x, v) with weight `weight`. */
export function addSample(
  sums: RidgeSums,
  model: number,
  x: Float64Array,
  v: number,
  keep: number,
  weight: number,
): void {
  const { features, packed } = sums;
  const a = sums.a.values;
  const b = sums.b.values;
  let at = model * packed;
  const base = model * features;
  for (let i = 0; i < features; i++) {
    const scaled = weight * x[i]!;
    b[base + i] = keep * b[base + i]! + scaled * v;
    for (let j = i; j < features; j++, at++) a[at] = keep * a[at]! + scaled * x[j]!;
  }
  sums.a.round(model * packed, packed);
  sums.b.round(base, features);
}

/** Scratch of the solver; what it holds between calls means nothing. */
let factor = new Float64Array(0);

/**
 * Solves (A + G) w = B + G w0 by Cholesky, G diagonal: a ridge towards `prior`. Writes the weights of `model`.
 * Leaves them as they are if the matrix is not positive definite, which only a broken input can cause.
 */
export function solveRidge(
  sums: RidgeSums,
  model: number,
  ridge: Float64Array,
  prior: ArrayLike<number>,
  priorAt: number,
): void {
  const n = sums.features;
  if (factor.length < n * n + n) factor = new Float64Array(n * n + n);
  const f = factor;
  const a = sums.a.values;
  const b = sums.b.values;
  const right = n * n;
  let at = model * sums.packed;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++, at++) f[j * n + i] = a[at]!;
    f[i * n + i]! += ridge[i]!;
    f[right + i] = b[model * n + i]! + ridge[i]! * prior[priorAt + i]!;
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = f[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= f[i * n + k]! * f[j * n + k]!;
      if (i !== j) f[i * n + j] = sum / f[j * n + j]!;
      else if (sum > 0) f[i * n + i] = Math.sqrt(sum);
      else return;
    }
    let sum = f[right + i]!;
    for (let k = 0; k < i; k++) sum -= f[i * n + k]! * f[right + k]!;
    f[right + i] = sum / f[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = f[right + i]!;
    for (let k = i + 1; k < n; k++) sum -= f[k * n + i]! * f[right + k]!;
    f[right + i] = sum / f[i * n + i]!;
    sums.weights.values[model * n + i] = f[right + i]!;
  }
  sums.weights.round(model * n, n);
}
