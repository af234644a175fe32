import { DAY_HOURS, type HourlyWindow, slotOf, WEEK_HOURS, WINDOW_HOURS } from "./hourly-window.ts";

/** Length of a forecast: leads 1 to 96, lead 1 being the first hour that was not observed at issue. */
export const LEADS = 96;
export const FEATURES = 22;
/** Features that are the same for all leads of an issue. */
const SHARED = 13;

/**
 * Shared features of the last issues, so that each is computed once. A cache: it follows from the window, and is
 * not part of the stored state.
 */
export interface IssueCache {
  readonly issues: Float64Array;
  readonly values: Float64Array;
}

export function createIssueCache(): IssueCache {
  return { issues: new Float64Array(LEADS + 1).fill(-1), values: new Float64Array((LEADS + 1) * SHARED) };
}

/** Forgets issues from `t` on, because an hour before them was revised. */
export function forgetIssues(cache: IssueCache): void {
  cache.issues.fill(-1);
}

/**
 * Deviation of hour `issue - j` from the slow average of its hour of day as it was at `issue`; j from 1.
 * That average last changed at the newest hour before `issue` with the same hour of day.
 */
function deviation(window: HourlyWindow, issue: number, j: number): number {
  const latest = issue - 1 - ((j - 1) % DAY_HOURS);
  return window.z[slotOf(issue - j)]! - window.slowAfter[slotOf(latest)]!;
}

/** Sum of deviations j = from..to. */
function sumDeviations(window: HourlyWindow, issue: number, from: number, to: number): number {
  let sum = 0;
  for (let j = from; j <= to; j++) sum += deviation(window, issue, j);
  return sum;
}

function sharedFeatures(window: HourlyWindow, issue: number, out: Float64Array, at: number): void {
  const u1 = deviation(window, issue, 1);
  const u2 = deviation(window, issue, 2);
  const sum4 = u1 + u2 + sumDeviations(window, issue, 3, 4);
  const sum6 = sum4 + sumDeviations(window, issue, 5, 6);
  const sum12 = sum6 + sumDeviations(window, issue, 7, 12);
  const day1 = sum12 + sumDeviations(window, issue, 13, 24);
  const day2 = sumDeviations(window, issue, 25, 48);
  const day3 = sumDeviations(window, issue, 49, 72);
  const week = day1 + day2 + day3 + sumDeviations(window, issue, 73, 168);
  out[at] = u1;
  out[at + 1] = sum4 / 4;
  out[at + 2] = sum12 / 12;
  out[at + 3] = day1 / 24;
  out[at + 4] = window.driftAfter[slotOf(issue - 1)]!;
  out[at + 5] = u1 - u2;
  out[at + 6] = day2 / 24;
  out[at + 7] = week / 168;
  out[at + 8] = deviation(window, issue, 25);
  out[at + 9] = u2 - deviation(window, issue, 4);
  out[at + 10] = sum6 / 6 - sum12 / 12;
  out[at + 11] = day3 / 24;
}

function sharedAt(window: HourlyWindow, cache: IssueCache, issue: number): number {
  const slot = issue % (LEADS + 1);
  if (cache.issues[slot] !== issue) {
    sharedFeatures(window, issue, cache.values, slot * SHARED);
    cache.issues[slot] = issue;
  }
  return slot * SHARED;
}

/** Slow average of the hour of day of `target` as it was at `issue`. */
export function slowAtIssue(window: HourlyWindow, issue: number, lead: number): number {
  return window.slowAfter[slotOf(latestAlike(issue, lead))]!;
}

/** Newest hour before `issue` with the hour of day of the target. */
function latestAlike(issue: number, lead: number): number {
  return issue + lead - 1 - DAY_HOURS * (Math.floor((lead - 1) / DAY_HOURS) + 1);
}

/**
 * Writes the features of the forecast issued at hour `issue` (hours before it are known) for `lead` into `x`:
 * what is left to explain once the slow average of the target's hour of day is taken off.
 */
export function hourlyFeatures(
  window: HourlyWindow,
  cache: IssueCache,
  issue: number,
  lead: number,
  x: Float64Array,
): void {
  const shared = sharedAt(window, cache, issue);
  const s = cache.values;
  const target = issue + lead - 1;
  const alike = latestAlike(issue, lead);
  const base = window.slowAfter[slotOf(alike)]!;
  const u = (t: number): number => window.z[slotOf(t)]! - base;
  const u0 = u(alike);
  const u24 = u(alike - 24);
  const u48 = u(alike - 48);
  x[0] = 1;
  x[1] = s[shared]!;
  x[2] = s[shared + 1]!;
  x[3] = s[shared + 2]!;
  x[4] = s[shared + 3]!;
  x[5] = u0;
  x[6] = neighbours(window, issue, issue - alike);
  x[7] = u24;
  x[8] = u(target - WEEK_HOURS);
  x[9] = window.fastAfter[slotOf(alike)]! - base;
  x[10] = s[shared + 4]!;
  x[11] = s[shared + 5]!;
  x[12] = s[shared + 6]!;
  x[13] = s[shared + 7]!;
  x[14] = window.week[target % WEEK_HOURS]!;
  x[15] = u48;
  x[16] = window.week[alike % WEEK_HOURS]!;
  x[17] = s[shared + 8]!;
  x[18] = s[shared + 9]!;
  x[19] = s[shared + 10]!;
  x[20] = s[shared + 11]!;
  x[21] = (u0 + u24 + u48 + u(alike - 72) + u(alike - 96)) / 5;
}

/** Mean deviation one and two hours around `issue - j`, of those that are known at issue. */
function neighbours(window: HourlyWindow, issue: number, j: number): number {
  let sum = deviation(window, issue, j + 2) + deviation(window, issue, j + 1);
  if (j === 1) return sum / 2;
  sum += deviation(window, issue, j - 1);
  if (j === 2) return sum / 3;
  return (sum + deviation(window, issue, j - 2)) / 4;
}

/** The features look back 192 h from an issue that is at most 96 h old. */
export const LOOK_BACK_HOURS = 192;
if (WINDOW_HOURS < LEADS + LOOK_BACK_HOURS + DAY_HOURS) throw new RangeError("The window is too short.");
