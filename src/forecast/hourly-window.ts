/**
 * What a forecast looks back on: the last hours of a series on its transformed scale, and the slow averages
 * ("climatologies") by hour of day and hour of week, as they are now and as they were at each of those hours.
 *
 * Features of an old issue must be built from the averages of that time: with today's they leak, because today's have
 * since seen the hour to be forecast. So the window keeps what an average became after each hour.
 */
export interface HourlyWindow {
  /** Transformed value of each hour; gaps hold a forecast. */
  readonly z: Float32Array;
  /** `slow[h]` after each hour, h its hour of day. */
  readonly slowAfter: Float32Array;
  /** `fast[h]` after each hour. */
  readonly fastAfter: Float32Array;
  /** 1 where the hour was observed, 0 where it was filled in. */
  readonly observed: Uint8Array;
  /** Averages by hour of day with two memories; by hour of week of the deviation from `slow`. */
  readonly slow: Float32Array;
  readonly fast: Float32Array;
  readonly week: Float32Array;
  /** Visits of each hour of day (24), then of each hour of week (168). */
  readonly visits: Int32Array;
}

export const HOUR_MS = 3_600_000;
export const DAY_HOURS = 24;
export const WEEK_HOURS = 168;
/** Hours kept: 96 h of open forecasts, a week that their features look back, and a day for the averages. A multiple of 24. */
export const WINDOW_HOURS = 312;

/** Hours are counted from so long before 1970 that looking back never meets a negative one: whole weeks and windows. */
export const HOURS_BEFORE_EPOCH = 7 * WINDOW_HOURS;

/** The hour that holds a time, epoch milliseconds. */
export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS) + HOURS_BEFORE_EPOCH;
}

const SLOW_RATE = 0.05;
const FAST_RATE = 0.3;
const WEEK_RATE = 0.03;

export function createHourlyWindow(): HourlyWindow {
  return {
    z: new Float32Array(WINDOW_HOURS),
    slowAfter: new Float32Array(WINDOW_HOURS),
    fastAfter: new Float32Array(WINDOW_HOURS),
    observed: new Uint8Array(WINDOW_HOURS),
    slow: new Float32Array(DAY_HOURS),
    fast: new Float32Array(DAY_HOURS),
    week: new Float32Array(WEEK_HOURS),
    visits: new Int32Array(DAY_HOURS + WEEK_HOURS),
  };
}

/** Before the first hour: all of the past is taken to have been `z`. */
export function startWindow(window: HourlyWindow, z: number): void {
  for (const past of [window.z, window.slowAfter, window.fastAfter]) past.fill(z);
  for (const average of [window.slow, window.fast]) average.fill(z);
}

/** Place of hour `t` (see hourOf) in the window. */
export function slotOf(t: number): number {
  return t % WINDOW_HOURS;
}

/** Takes in hour `t`; an hour that was not observed moves no average. */
export function pushHour(window: HourlyWindow, t: number, z: number, observed: boolean): void {
  const h = t % DAY_HOURS;
  const slot = slotOf(t);
  if (observed) updateAverages(window, t, z);
  window.z[slot] = z;
  window.observed[slot] = observed ? 1 : 0;
  window.slowAfter[slot] = window.slow[h]!;
  window.fastAfter[slot] = window.fast[h]!;
}

function updateAverages(window: HourlyWindow, t: number, z: number): void {
  const { slow, fast, week, visits } = window;
  const h = t % DAY_HOURS;
  const w = t % WEEK_HOURS;
  visits[h]! += 1;
  visits[DAY_HOURS + w]! += 1;
  if (visits[h]! > 2) week[w]! += weekRate(window, w) * (z - slow[h]! - week[w]!);
  slow[h]! += rateOf(window, h, SLOW_RATE) * (z - slow[h]!);
  fast[h]! += rateOf(window, h, FAST_RATE) * (z - fast[h]!);
}

/** A young average is a plain mean. */
function rateOf({ visits }: HourlyWindow, h: number, rate: number): number {
  return Math.max(rate, 1 / visits[h]!);
}

function weekRate({ visits }: HourlyWindow, w: number): number {
  return Math.max(WEEK_RATE, 1 / (visits[DAY_HOURS + w]! + 2));
}

/**
 * Corrects hour `t` of the past. If no later hour of its hour of day is in, the averages become what they would be had
 * `z` come at once; older ones keep what they made of it.
 */
export function correctHour(window: HourlyWindow, last: number, t: number, z: number): void {
  const slot = slotOf(t);
  const h = t % DAY_HOURS;
  const wrongBy = z - window.z[slot]!;
  if (t > last - DAY_HOURS) {
    if (window.observed[slot] === 0) updateAverages(window, t, z);
    else {
      window.slow[h]! += rateOf(window, h, SLOW_RATE) * wrongBy;
      window.fast[h]! += rateOf(window, h, FAST_RATE) * wrongBy;
      if (window.visits[h]! > 2) window.week[t % WEEK_HOURS]! += weekRate(window, t % WEEK_HOURS) * wrongBy;
    }
    window.slowAfter[slot] = window.slow[h]!;
    window.fastAfter[slot] = window.fast[h]!;
  }
  window.z[slot] = z;
  window.observed[slot] = 1;
}
