/**
 * The last hours of a series as they were observed, in two bytes each, so that a new model can learn from them what the
 * old one knew. The layout of this file is never changed: every version of the state begins with it.
 */
export interface ValueHistory {
  /** The newest hour (see hourOf), -1 for none. */
  readonly newest: Float64Array;
  /** Values on a logarithmic grid by hour modulo the length; 0 where there is none. */
  readonly codes: Uint16Array;
}

export const HISTORY_HOURS = 90 * 24;

/** From 1e-4 to 1e9 in any unit, in steps of 0.05 %; less counts as 0. */
const MIN_VALUE = 1e-4;
const MAX_CODE = 65_535;
const LOG_MIN = Math.log(MIN_VALUE);
const CODES_PER_LOG = (MAX_CODE - 2) / (Math.log(1e9) - LOG_MIN);

export function createValueHistory(): ValueHistory {
  return { newest: new Float64Array(1).fill(-1), codes: new Uint16Array(HISTORY_HOURS) };
}

/** Notes the value of an hour, or a new value; hours that were left out have none. */
export function noteValue(history: ValueHistory, hour: number, value: number): void {
  const { newest, codes } = history;
  const last = newest[0]!;
  if (hour <= last - HISTORY_HOURS) return;
  for (let skipped = Math.max(last + 1, hour - HISTORY_HOURS); skipped < hour; skipped++) {
    codes[skipped % HISTORY_HOURS] = 0;
  }
  codes[hour % HISTORY_HOURS] = codeOf(value);
  newest[0] = Math.max(last, hour);
}

/** Calls back with each hour that has a value, oldest first. */
export function replayValues(history: ValueHistory, each: (hour: number, value: number) => void): void {
  const last = history.newest[0]!;
  for (let hour = Math.max(0, last - HISTORY_HOURS + 1); hour <= last; hour++) {
    const code = history.codes[hour % HISTORY_HOURS]!;
    if (code > 0) each(hour, code === 1 ? 0 : Math.exp(LOG_MIN + (code - 2) / CODES_PER_LOG));
  }
}

function codeOf(value: number): number {
  if (value < MIN_VALUE) return 1;
  return Math.min(MAX_CODE, 2 + Math.round((Math.log(value) - LOG_MIN) * CODES_PER_LOG));
}
