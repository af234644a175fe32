/**
 * Weighted least squares with exponential forgetting, many models side by side: for each the packed upper triangle of
 * A = sum of w x x^T, and B = sum of w v x. Sums are stored in 32 bits (a relative error of about 1e-5 after a year of
 * updates, far below the ridge) and solved in 64.
 */
export interface RidgeSums {
  readonly features: number;
  /** Numbers a model takes in `a`. */
  readonly packed: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly weights: Float32Array;
}

export function createRidgeSums(models: number, features: number): RidgeSums {
  const packed = (features * (features + 1)) / 2;
  return {
    features,
    packed,
    a: new Float32Array(models * packed),
    b: new Float32Array(models * features),
    weights: new Float32Array(models * features),
  };
}

export function predictRidge(sums: RidgeSums, model: number, x: Float64Array): number {
  const { features, weights } = sums;
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
  const { features, packed, a, b } = sums;
  let at = model * packed;
  const base = model * features;
  for (let i = 0; i < features; i++) {
    const scaled = weight * x[i]!;
    b[base + i] = keep * b[base + i]! + scaled * v;
    for (let j = i; j < features; j++, at++) a[at] = keep * a[at]! + scaled * x[j]!;
  }
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
  const right = n * n;
  let at = model * sums.packed;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++, at++) f[j * n + i] = sums.a[at]!;
    f[i * n + i]! += ridge[i]!;
    f[right + i] = sums.b[model * n + i]! + ridge[i]! * prior[priorAt + i]!;
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
    sums.weights[model * n + i] = f[right + i]!;
  }
}
