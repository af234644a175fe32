import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { deriveTypicalDays } from "../../scripts/derive-typical-days.ts";
import type { TraceSet } from "../../src/simulate/trace-set.ts";
import { typicalTraces } from "../../src/sources/index.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.UTC(2026, 2, 4);
const traces: TraceSet = typicalTraces(1);

test("there are typical days for many zones and any date", async () => {
  expect(traces.zones.length).toBeGreaterThanOrEqual(8);
  for (const zone of traces.zones) {
    const values = await traces.intensity(zone, Date.UTC(2040, 1, 28), Date.UTC(2040, 2, 2));
    expect(values.length).toBe(72);
    expect(values.every((value) => value > 0 && value < 2000)).toBe(true);
    expect(await traces.intensityRange(zone)).toBeUndefined();
  }
});

test("the same seed gives the same days, whatever was asked before", async () => {
  const other = typicalTraces(1);
  await other.intensity("DE", start - 30 * dayMs, start);
  expect((await other.intensity("DE", start + dayMs, start + 2 * dayMs)).slice(0, 6)).toEqual(
    (await traces.intensity("DE", start, start + 2 * dayMs)).slice(24, 30),
  );
  expect(await other.requestRate(2, start, start + dayMs, 60_000)).toEqual(
    await traces.requestRate(2, start, start + dayMs, 60_000),
  );
});

test("another seed has other weather about the same typical day", async () => {
  const one = await typicalTraces(1).intensity("PL", start, start + 365 * dayMs);
  const two = await typicalTraces(2).intensity("PL", start, start + 365 * dayMs);
  expect(one).not.toEqual(two);
  expect(mean(one) / mean(two)).toBeCloseTo(1, 1);
});

test("weather lasts: neighbouring days are more alike than distant ones", async () => {
  const values = await traces.intensity("DE", start, start + 720 * dayMs);
  const days = Array.from({ length: 720 }, (_, day) =>
    Math.log(mean(values.slice(day * 24, (day + 1) * 24))),
  );
  expect(correlation(days, 1)).toBeGreaterThan(0.4);
  expect(correlation(days, 1)).toBeGreaterThan(correlation(days, 6) + 0.2);
});

test("a solar country is cleaner at noon than in the evening", async () => {
  const values = await traces.intensity("US-CAL-CISO", start, start + 60 * dayMs);
  const atHour = (hour: number) => mean(values.filter((_, i) => i % 24 === hour));
  // 20 h UTC is noon in California, 4 h is the evening.
  expect(atHour(20)).toBeLessThan(0.8 * atHour(4));
});

test("on-site supply has a long-term mean near 1 and no sun at night", async () => {
  for (const kind of ["solar", "wind", "both"] as const) {
    const { values, assumption } = await traces.onSiteShape("DE", kind, start, start + 3 * 365 * dayMs);
    expect(Math.abs(mean(values) - 1)).toBeLessThan(0.15);
    expect(assumption).toMatch(/not a recording/);
  }
  const night = await traces.onSiteShape("DE", "solar", Date.UTC(2026, 5, 1), Date.UTC(2026, 5, 1, 2));
  expect(Array.from(night.values)).toEqual([0, 0]);
});

test("the usual weekly peak of each service is near 1", async () => {
  for (const service of [0, 1, 2]) {
    const rates = await traces.requestRate(service, start, start + 56 * dayMs, 600_000);
    const peaks = Array.from({ length: 8 }, (_, week) => {
      const sorted = rates.slice(week * 1008, (week + 1) * 1008).sort();
      return sorted[Math.floor(0.99 * 1008)]!;
    }).sort((a, b) => a - b);
    expect(peaks[4]!).toBeGreaterThan(0.75);
    expect(peaks[4]!).toBeLessThan(1.35);
  }
});

test("job sizes are within the recipe", async () => {
  const jobs = await traces.jobRows();
  expect(jobs.length).toBeGreaterThanOrEqual(60);
  expect(new Set(jobs.map((job) => job.gpus))).toEqual(new Set([1, 2, 4, 8]));
  for (const job of jobs) {
    expect(job.durationMs).toBeGreaterThanOrEqual(0.5 * hourMs);
    expect(job.durationMs).toBeLessThanOrEqual(48 * hourMs);
  }
});

test("the user is told that it is no recording, and whose data it came from", () => {
  const text = traces.attribution.join("\n");
  expect(text).toMatch(/not recordings/);
  expect(text).toContain("Data © Electricity Maps (www.electricitymaps.com), ODbL 1.0");
});

test("an unknown zone is refused, with the zones there are", async () => {
  await expect(traces.intensity("MARS", start, start + hourMs)).rejects.toMatchObject({
    code: "ERR_ZONE_UNKNOWN",
    message: expect.stringContaining("DE"),
  });
});

const folder = process.env["CARM_TRACES"];
describe.skipIf(folder === undefined)("with recordings (skipped: CARM_TRACES is not set)", () => {
  test("the committed tables are what the script computes", async () => {
    for (const [file, text] of await deriveTypicalDays(folder!)) {
      const committed = await readFile(new URL(`../../src/sources/typical/${file}`, import.meta.url), "utf8");
      expect(committed, file).toBe(text);
    }
  });
});

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function correlation(values: readonly number[], lag: number): number {
  const centre = mean(values);
  let product = 0;
  let square = 0;
  values.forEach((value, i) => {
    square += (value - centre) ** 2;
    if (i >= lag) product += (value - centre) * (values[i - lag]! - centre);
  });
  return product / square;
}
