import { DAY_HOURS, type HourlyWindow, slotOf, WEEK_HOURS, WINDOW_HOURS } from "./hourly-window.ts";
import { LEADS } from "./model-layout.ts";

export const FEATURES = 24;
/** Features, and parts of some, that are the same for all leads of an issue. */
const SHARED = 12;
/** A series that was constant for a week may still move by this much. */
const MIN_WIDEST = 0.2;
/** Weekdays that may differ from the others beyond the averages by hour of week: Saturday to Monday, UTC. */
const SATURDAY = 2;

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
  const u25 = deviation(window, issue, 25);
  const sum4 = u1 + u2 + sumDeviations(window, issue, 3, 4);
  const sum6 = sum4 + sumDeviations(window, issue, 5, 6);
  const sum12 = sum6 + sumDeviations(window, issue, 7, 12);
  const day = sum12 + sumDeviations(window, issue, 13, 24);
  const week = day + sumDeviations(window, issue, 25, 168);
  out[at] = u1;
  out[at + 1] = sum4 / 4;
  out[at + 2] = sum12 / 12;
  out[at + 3] = day / 24;
  out[at + 4] = u1 - u2;
  out[at + 5] = week / 168;
  out[at + 6] = u25;
  out[at + 7] = u2 - deviation(window, issue, 4);
  out[at + 8] = deviation(window, issue, 23);
  out[at + 9] = deviation(window, issue, 26) - u25;
  out[at + 10] = sum6 / 6;
  let widest = MIN_WIDEST;
  for (let j = 1; j <= LOOK_BACK_HOURS; j++) widest = Math.max(widest, Math.abs(deviation(window, issue, j)));
  out[at + 11] = widest;
}

function sharedAt(window: HourlyWindow, cache: IssueCache, issue: number): number {
  const slot = issue % (LEADS + 1);
  if (cache.issues[slot] !== issue) {
    sharedFeatures(window, issue, cache.values, slot * SHARED);
    cache.issues[slot] = issue;
  }
  return slot * SHARED;
}

/**
 * The largest deviation, up or down, of the week before `issue`. No forecast goes beyond it: hours that were left out are
 * filled with forecasts, and features with squares of them would grow without bound from one to the next.
 */
export function widestDeviation(window: HourlyWindow, cache: IssueCache, issue: number): number {
  return cache.values[sharedAt(window, cache, issue) + 11]!;
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
  const u1 = s[shared]!;
  const dayMean = s[shared + 3]!;
  const mean4 = s[shared + 1]!;
  const mean12 = s[shared + 2]!;
  const weekday = Math.floor(target / DAY_HOURS) % 7;
  const season = (2 * Math.PI * target) / YEAR_HOURS;
  x[0] = 1;
  x[1] = u1;
  x[2] = mean4;
  x[3] = mean12;
  x[4] = window.fastAfter[slotOf(alike)]! - base;
  x[5] = s[shared + 4]!;
  x[6] = s[shared + 5]!;
  x[7] = window.week[target % WEEK_HOURS]!;
  x[8] = s[shared + 6]!;
  x[9] = s[shared + 7]!;
  x[10] = s[shared + 10]! - mean12;
  x[11] = base;
  x[12] = Math.abs(u1);
  x[13] = Math.abs(dayMean);
  for (let i = 0; i < 3; i++) x[14 + i] = weekday === SATURDAY + i ? 1 : 0;
  x[17] = aroundAlike(window, issue, alike);
  x[18] = SEASON_SCALE * Math.sin(season);
  x[19] = SEASON_SCALE * Math.cos(season);
  x[20] = u1 * base;
  x[21] = u1 * Math.abs(u1);
  x[22] = s[shared + 8]!;
  x[23] = s[shared + 9]!;
}

const YEAR_HOURS = 365.2425 * DAY_HOURS;
/** Brings the seasons to the size of the other features. */
const SEASON_SCALE = 0.3;

/** Mean deviation of the hours before and after the newest one that is like the target. */
function aroundAlike(window: HourlyWindow, issue: number, alike: number): number {
  const j = issue - alike;
  if (j === 1) return deviation(window, issue, 2);
  return (deviation(window, issue, j - 1) + deviation(window, issue, j + 1)) / 2;
}

/** The features look back this far from an issue that is at most `LEADS` old. */
export const LOOK_BACK_HOURS = WEEK_HOURS;
if (WINDOW_HOURS < LEADS + LOOK_BACK_HOURS + DAY_HOURS) throw new RangeError("The window is too short.");
