import { assert } from "../records/index.ts";

/**
 * A curve through points that rises wherever they rise: cubic Hermite with the slopes of Fritsch and Carlson (SIAM J.
 * Numer. Anal. 17, 1980). Constant beyond the ends. `xs` rises.
 */
export function monotoneCubic(xs: readonly number[], ys: readonly number[]): (x: number) => number {
  assert(xs.length >= 2 && xs.length === ys.length, "A curve needs at least two points.");
  const widths = xs.slice(1).map((x, i) => x - xs[i]!);
  const secants = widths.map((width, i) => (ys[i + 1]! - ys[i]!) / width);
  const slopes = xs.map((_, i) => {
    const left = secants[i - 1] ?? secants[i]!;
    const right = secants[i] ?? left;
    return left * right <= 0 ? 0 : (2 * left * right) / (left + right);
  });
  return (x) => {
    const last = xs.length - 1;
    if (x <= xs[0]!) return ys[0]!;
    if (x >= xs[last]!) return ys[last]!;
    let i = 0;
    while (x > xs[i + 1]!) i += 1;
    const width = widths[i]!;
    const t = (x - xs[i]!) / width;
    const rest = 1 - t;
    return (
      ys[i]! * rest * rest * (1 + 2 * t) +
      ys[i + 1]! * t * t * (3 - 2 * t) +
      width * t * rest * (slopes[i]! * rest - slopes[i + 1]! * t)
    );
  };
}

/** Straight lines between points, constant beyond the ends. `xs` rises. */
export function linear(xs: readonly number[], ys: readonly number[]): (x: number) => number {
  assert(xs.length >= 1 && xs.length === ys.length, "A curve needs a point.");
  return (x) => {
    const last = xs.length - 1;
    if (x <= xs[0]!) return ys[0]!;
    if (x >= xs[last]!) return ys[last]!;
    let i = 0;
    while (x > xs[i + 1]!) i += 1;
    const share = (x - xs[i]!) / (xs[i + 1]! - xs[i]!);
    return ys[i]! * (1 - share) + ys[i + 1]! * share;
  };
}
