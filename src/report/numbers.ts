/** Three significant digits, thousands in groups; small values with the decimals they need. */
export function number(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return grouped(value, Math.min(digits, 6));
}

/** Four significant digits for counts and rates, with k, M, G for thousands, millions and billions. */
export function compact(value: number): string {
  for (const [factor, suffix] of [
    [1e9, " G"],
    [1e6, " M"],
    [1e4, " k"],
  ] as const) {
    const unit = suffix === " k" ? 1e3 : factor;
    if (Math.abs(value) >= factor) return `${number(value / unit)}${suffix}`;
  }
  return Number.isInteger(value) ? grouped(value, 0) : number(value);
}

/** A fraction as per cent; a dash for null. */
export function percent(fraction: number | null, digits = 1): string {
  return fraction === null ? "–" : `${(100 * fraction).toFixed(digits)} %`;
}

function grouped(value: number, digits: number): string {
  const [whole, decimals] = value.toFixed(digits).split(".");
  const spaced = whole!.replace(/\B(?=(\d{3})+$)/g, " ");
  return decimals === undefined ? spaced : `${spaced}.${decimals}`;
}
