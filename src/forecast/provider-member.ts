import { predict } from "./hourly-learning.ts";
import { FIRST_HOUR, LAST_HOUR, scaleOf } from "./hourly-state.ts";
import { HOUR_MS, HOURS_BEFORE_EPOCH, hourOf } from "./hourly-window.ts";
import type { IntervalForecaster } from "./interval-forecaster.ts";
import { LEADS } from "./model-layout.ts";
import { fromScale, type Scale, toScale } from "./scale.ts";
import type { IssuedForecast } from "./series-forecast.ts";
import { decodeState, encodeState, type StateArray, type StateFormat } from "./state-bytes.ts";

/**
 * What one provider forecasts of one zone, and how good that has been beside our own forecasts of the same hours issued
 * at the same time. Opaque: use the functions of this file.
 */
export interface ProviderMember {
  /** By band of leads and target hour: the hour that is meant, the hour of issue, and the value so far. */
  readonly targets: Int32Array;
  readonly issues: Int32Array;
  readonly sums: Float32Array;
  readonly coveredHours: Float32Array;
  /** By band: hours compared, how far too high the provider is, and mean absolute errors, all on the forecaster's scale. */
  readonly compared: Float32Array;
  readonly bias: Float32Array;
  readonly theirError: Float32Array;
  readonly ourError: Float32Array;
  readonly jointError: Float32Array;
}

/** A provider's forecasts of one band are judged together: of the next 6 hours, day one, day two, days three and four. */
const bandEnds = [6, 24, 48, LEADS];
const BANDS = bandEnds.length;
/** Target hours kept a band. */
const SLOTS = LEADS + 24;
/** Errors are remembered over about this many hours, and a member has no say before it was compared so often. */
const MEMORY_HOURS = 30 * 24;
const MIN_COMPARED = 24;
/** Weight of a member: its mean error to the power of minus this. */
const SHARPNESS = 4;
const MIN_ERROR = 1e-4;

const format: StateFormat = { kind: 4, version: 1 };

export function createProviderMember(): ProviderMember {
  const cells = BANDS * SLOTS;
  return {
    targets: new Int32Array(cells).fill(-1),
    issues: new Int32Array(cells),
    sums: new Float32Array(cells),
    coveredHours: new Float32Array(cells),
    compared: new Float32Array(BANDS),
    bias: new Float32Array(BANDS),
    theirError: new Float32Array(BANDS),
    ourError: new Float32Array(BANDS),
    jointError: new Float32Array(BANDS),
  };
}

export function encodeProviderMember(m: ProviderMember): Uint8Array {
  return encodeState(format, arraysOf(m));
}

/** A state of another version is forgotten: how good a provider is is learned again in a day. Throws ERR_STATE_CORRUPT. */
export function decodeProviderMember(bytes: Uint8Array): ProviderMember {
  const m = createProviderMember();
  return decodeState(format, bytes, [], arraysOf(m)) ? m : createProviderMember();
}

function arraysOf(m: ProviderMember): StateArray[] {
  return Object.values(m) as StateArray[];
}

function bandOf(lead: number): number {
  return bandEnds.findIndex((end) => lead <= end);
}

/**
 * Takes in the mean that a provider, at `issuedAt`, expects of an interval. Of each hour and band of leads the newest
 * issue is kept. What was over at issue, lies beyond 96 hours, or can't be is ignored.
 */
export function noteProviderForecast(
  m: ProviderMember,
  issuedAt: number,
  startsAt: number,
  durationMs: number,
  value: number,
): void {
  if (!(issuedAt >= 0 && startsAt >= 0 && durationMs > 0 && value >= 0 && Number.isFinite(value))) return;
  const issue = hourOf(issuedAt);
  const endsAt = Math.min(startsAt + durationMs, issuedAt + (LEADS + 1) * HOUR_MS);
  for (let at = startsAt; at < endsAt; ) {
    const target = hourOf(at);
    const to = Math.min(endsAt, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
    noteHour(m, issue, target, value, (to - at) / HOUR_MS);
    at = to;
  }
}

function noteHour(m: ProviderMember, issue: number, target: number, value: number, share: number): void {
  const lead = target - issue + 1;
  const band = lead < 1 ? -1 : bandOf(lead);
  if (band < 0) return;
  const cell = band * SLOTS + (target % SLOTS);
  if (m.targets[cell] === target && m.issues[cell]! > issue) return;
  if (m.targets[cell] !== target || m.issues[cell] !== issue) {
    m.targets[cell] = target;
    m.issues[cell] = issue;
    m.sums[cell] = 0;
    m.coveredHours[cell] = 0;
  }
  m.sums[cell]! += value * share;
  m.coveredHours[cell]! += share;
}

/** Compares what was expected of an hour with what came; call it before the forecaster takes the hour in. */
export function compareProvider(
  m: ProviderMember,
  f: IntervalForecaster,
  hourStartsAt: number,
  value: number,
): void {
  const { hourly } = f;
  const target = hourOf(hourStartsAt);
  const last = hourly.scalars[LAST_HOUR]!;
  if (last < 0 || target <= last || !Number.isFinite(value)) return;
  const scale = scaleOf(hourly);
  const z = toScale(scale, value);
  for (let band = 0; band < BANDS; band++) {
    const cell = band * SLOTS + (target % SLOTS);
    const issue = m.issues[cell]!;
    if (m.targets[cell] !== target || issue > last + 1 || issue <= hourly.scalars[FIRST_HOUR]!) continue;
    const ours = predict(hourly, issue, target - issue + 1);
    const theirs = unbiased(m, cell, band, scale);
    const weight = shareOf(m.theirError[band]!, m.ourError[band]!);
    m.compared[band]! += 1;
    const rate = Math.max(1 / m.compared[band]!, 1 / MEMORY_HOURS);
    follow(m.theirError, band, rate, Math.abs(theirs - z));
    follow(m.ourError, band, rate, Math.abs(ours - z));
    follow(m.jointError, band, rate, Math.abs(ours + weight * (theirs - ours) - z));
    m.bias[band]! += rate * (theirs - z);
  }
}

function follow(errors: Float32Array, band: number, rate: number, error: number): void {
  errors[band]! += rate * (error - errors[band]!);
}

/** What the provider expects, on the forecaster's scale, less what it was too high lately: another factor is no error. */
function unbiased(m: ProviderMember, cell: number, band: number, scale: Scale): number {
  return toScale(scale, m.sums[cell]! / m.coveredHours[cell]!) - m.bias[band]!;
}

function shareOf(theirError: number, ourError: number): number {
  const theirs = Math.max(theirError, MIN_ERROR) ** -SHARPNESS;
  return theirs / (theirs + Math.max(ourError, MIN_ERROR) ** -SHARPNESS);
}

/**
 * The forecast with the providers' say: each member weighs by its own recent errors at its age, and the intervals shrink
 * as the joint error did. Hours that no provider spoke of stay as they were.
 */
export function blendProviders(
  own: IssuedForecast,
  f: IntervalForecaster,
  members: ReadonlyMap<string, ProviderMember>,
): IssuedForecast {
  if (members.size === 0 || own.stepMs !== HOUR_MS) return own;
  const scale = scaleOf(f.hourly);
  const values = own.values.map((array) => array.slice());
  const point = own.point.slice();
  const said = new Map<string, number>();
  const first = own.startsAt / HOUR_MS + HOURS_BEFORE_EPOCH;
  for (let i = 0; i < point.length; i++) {
    const heard = hear(members, first + i, i + 1, scale);
    if (heard.length === 0) continue;
    const center = toScale(scale, own.values[own.levels.indexOf(0.5)]![i]!);
    let shift = 0;
    let narrow = 1;
    for (const { name, z, weight, jointRatio } of heard) {
      shift += weight * (z - center);
      narrow = Math.min(narrow, jointRatio);
      said.set(name, (said.get(name) ?? 0) + weight / point.length);
    }
    const moved = (value: number): number =>
      fromScale(scale, center + shift + narrow * (toScale(scale, value) - center));
    for (const array of values) array[i] = moved(array[i]!);
    point[i] = moved(point[i]!);
  }
  const left = 1 - [...said.values()].reduce((a, b) => a + b, 0);
  const weights = [
    ...own.weights.map(({ member, weight }) => ({ member, weight: weight * left })),
    ...Array.from(said, ([member, weight]) => ({ member, weight })),
  ];
  return { ...own, values, point, weights };
}

interface Heard {
  readonly name: string;
  readonly z: number;
  weight: number;
  readonly jointRatio: number;
}

/** What the providers say of an hour that lies `lead` hours ahead, with weights that leave ours its share. */
function hear(
  members: ReadonlyMap<string, ProviderMember>,
  target: number,
  lead: number,
  scale: Scale,
): Heard[] {
  const heard: Heard[] = [];
  let ours = 0;
  for (const [name, m] of members) {
    const band = newestBand(m, target);
    if (band < 0) continue;
    const theirError = Math.max(m.theirError[band]!, MIN_ERROR);
    const ourError = Math.max(
      m.ourError[Math.min(band, bandOf(Math.min(lead, LEADS)))]! || theirError,
      MIN_ERROR,
    );
    ours = Math.max(ours, ourError ** -SHARPNESS);
    const z = unbiased(m, band * SLOTS + (target % SLOTS), band, scale);
    const jointRatio = Math.max(m.jointError[band]!, MIN_ERROR) / Math.max(m.ourError[band]!, MIN_ERROR);
    heard.push({ name, z, weight: theirError ** -SHARPNESS, jointRatio });
  }
  const total = heard.reduce((sum, { weight }) => sum + weight, ours);
  for (const each of heard) each.weight /= total;
  return heard;
}

/** The band of the newest forecast of `target` whose band was compared often enough; -1 if there is none. */
function newestBand(m: ProviderMember, target: number): number {
  for (let band = 0; band < BANDS; band++) {
    if (m.targets[band * SLOTS + (target % SLOTS)] === target && m.compared[band]! >= MIN_COMPARED)
      return band;
  }
  return -1;
}
