import { beforeEach, describe, expect, test } from "vitest";
import {
  blendProviders,
  compareProvider,
  createIntensityForecaster,
  createProviderMember,
  decodeProviderMember,
  encodeProviderMember,
  forecastIntensity,
  type IntensityForecaster,
  type IssuedForecast,
  noteProviderForecast,
  observeIntensity,
  type ProviderMember,
} from "../../src/forecast/index.ts";
import { feed, grid, HOUR_MS, meanAbsolute, normal, START } from "./series.ts";

const learnt = 40 * 24;
const values = grid(learnt + 30 * 24, 41);

/** A provider who issues the next two days at each midnight; `see` makes his forecast of the truth. */
function run(
  f: IntensityForecaster,
  member: ProviderMember,
  hours: number,
  see: (truth: number) => number,
): void {
  for (let hour = learnt; hour < learnt + hours; hour++) {
    if (hour % 24 === 0) issue(member, hour, see);
    compareProvider(member, f, START + hour * HOUR_MS, values[hour]!);
    observeIntensity(f, START + hour * HOUR_MS, values[hour]!);
  }
}

function issue(member: ProviderMember, hour: number, see: (truth: number) => number): void {
  for (let lead = 0; lead < 48; lead++) {
    const target = hour + lead;
    const startsAt = START + target * HOUR_MS;
    noteProviderForecast(member, START + hour * HOUR_MS, startsAt, HOUR_MS, see(values[target]!));
  }
}

function error({ point }: IssuedForecast, from: number): number {
  return meanAbsolute(Array.from(point.slice(0, 24), (value, i) => value - values[from + i]!));
}

describe("a provider's forecasts", () => {
  let f: IntensityForecaster;
  let member: ProviderMember;
  const blend = (at: number): IssuedForecast =>
    blendProviders(forecastIntensity(f, START + at * HOUR_MS)!, f, new Map([["oracle", member]]));

  beforeEach(() => {
    f = createIntensityForecaster();
    feed(f, values.slice(0, learnt));
    member = createProviderMember();
  });

  test("change nothing before they were compared for a day", () => {
    issue(member, learnt, (truth) => truth);
    const own = forecastIntensity(f, START + learnt * HOUR_MS)!;
    expect(blend(learnt).point).toEqual(own.point);
    expect(blend(learnt).weights.map(({ member: name }) => name)).toEqual(["carm-2"]);
  });

  test("that have been good weigh more than ours, narrow the intervals and cut the error", () => {
    const draw = normal(42);
    const see = (truth: number): number => truth * Math.exp(0.02 * draw());
    run(f, member, 10 * 24, see);
    const at = learnt + 10 * 24;
    issue(member, at, see);
    const own = forecastIntensity(f, START + at * HOUR_MS)!;
    const both = blend(at);
    expect(error(both, at)).toBeLessThan(0.6 * error(own, at));
    expect(both.weights.find(({ member: name }) => name === "oracle")!.weight).toBeGreaterThan(0.3);
    const width = ({ values: v }: IssuedForecast): number => v.at(-1)![12]! - v[0]![12]!;
    expect(width(both)).toBeLessThan(0.8 * width(own));
    expect(both.point.slice(48)).toEqual(own.point.slice(48));
  });

  test("that are of another factor, say twice as high, are as good as right ones", () => {
    run(f, member, 10 * 24, (truth) => 2 * truth);
    const at = learnt + 10 * 24;
    issue(member, at, (truth) => 2 * truth);
    expect(error(blend(at), at)).toBeLessThan(0.6 * error(forecastIntensity(f, START + at * HOUR_MS)!, at));
  });

  test("that are noise have next to no say", () => {
    const draw = normal(43);
    const see = (): number => 300 * Math.exp(draw());
    run(f, member, 10 * 24, see);
    const at = learnt + 10 * 24;
    issue(member, at, see);
    expect(blend(at).weights.find(({ member: name }) => name === "oracle")!.weight).toBeLessThan(0.05);
    expect(error(blend(at), at)).toBeLessThan(1.05 * error(forecastIntensity(f, START + at * HOUR_MS)!, at));
  });

  test("that can't be, or are of hours long over, are not heard", () => {
    const at = START + learnt * HOUR_MS;
    const before = Buffer.from(encodeProviderMember(member));
    noteProviderForecast(member, at, at - 2 * HOUR_MS, HOUR_MS, 100);
    noteProviderForecast(member, at, at, HOUR_MS, Number.NaN);
    noteProviderForecast(member, at, at, HOUR_MS, -1);
    noteProviderForecast(member, at, at + 200 * HOUR_MS, HOUR_MS, 100);
    noteProviderForecast(member, Number.NaN, at, HOUR_MS, 100);
    expect(before.equals(encodeProviderMember(member))).toBe(true);
  });

  test("of half hours are taken as the mean of their hour, the newest issue counts", () => {
    const at = START + learnt * HOUR_MS;
    const halves = createProviderMember();
    noteProviderForecast(halves, at - HOUR_MS, at + 8 * HOUR_MS, HOUR_MS, 999);
    noteProviderForecast(halves, at, at + 8 * HOUR_MS, HOUR_MS / 2, 100);
    noteProviderForecast(halves, at, at + 8.5 * HOUR_MS, HOUR_MS / 2, 200);
    noteProviderForecast(halves, at - HOUR_MS, at + 8 * HOUR_MS, HOUR_MS, 999);
    noteProviderForecast(member, at, at + 8 * HOUR_MS, HOUR_MS, 150);
    expect(encodeProviderMember(halves)).toEqual(encodeProviderMember(member));
  });

  test("survive being stored, in at most 10 kB", () => {
    run(f, member, 48, (truth) => truth);
    const bytes = encodeProviderMember(member);
    expect(bytes.byteLength).toBeLessThanOrEqual(10_000);
    expect(encodeProviderMember(decodeProviderMember(bytes))).toEqual(bytes);
  });
});
