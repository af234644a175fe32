const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `30m`, `1h30m`, `2d` as milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * unitsMs[unit!]!;
  }
  return Math.round(totalMs);
}

/** A time with its zone (`2025-03-01T08:00:00Z`), or a duration after `fromMs`, as epoch milliseconds; null for anything else. */
export function parseMoment(text: string, fromMs: number): number | null {
  const after = parseDuration(text);
  if (after !== null) return fromMs + after;
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : atMs;
}
