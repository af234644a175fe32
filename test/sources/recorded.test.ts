import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { TraceSet } from "../../src/simulate/trace-set.ts";
import { recordedTraces } from "../../src/sources/index.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const noon = Date.UTC(2021, 5, 1, 12);

let folder: string;
let traces: TraceSet;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carm-traces-"));
  for (const part of ["carbon", "requests", "jobs"]) await mkdir(join(folder, part));
  await writeHourly("carbon/DE_2022_2022_hourly.csv", Date.UTC(2022, 0, 1), 48, (hour) => 300 + hour);
  await writeHourly("carbon/XX_2031_2032_hourly.csv", Date.UTC(2031, 0, 1), 2, () => 7);
  await writeFile(join(folder, "carbon/carboncast_bench_DE_2020_2021.csv"), generation());
  await writeFile(join(folder, "requests/servegen_aggregate_rate_10min.csv"), serveGen());
  await writeFile(
    join(folder, "jobs/philly_jobs.csv"),
    "submit_time,duration_s,num_gpus,vc\n" +
      "2017-10-02T01:00:00,3600,4,a\n2017-10-02T01:00:00,60,1,a\n2017-10-02T01:00:00,3600,16,a\n2017-10-08T23:59:59,172800,1,b\n",
  );
  traces = await recordedTraces(folder);
});

async function writeHourly(file: string, fromMs: number, hours: number, valueIn: (hour: number) => number) {
  const rows = Array.from(
    { length: hours },
    (_, i) => `${new Date(fromMs + i * hourMs).toISOString()},Z,${valueIn(i)}`,
  );
  await writeFile(join(folder, file), `timestamp,zone,gco2_per_kwh\n${rows.join("\n")}\n`);
}

/** Sun from 6 to 18 h UTC in June only; wind always. */
function generation(): string {
  const rows = Array.from({ length: 365 * 24 }, (_, i) => {
    const at = new Date(Date.UTC(2021, 0, 1) + i * hourMs);
    const sunny = at.getUTCMonth() === 5 && at.getUTCHours() >= 6 && at.getUTCHours() < 18;
    return `${at.toISOString()},DE,${sunny ? 5000 + at.getUTCHours() : 0},400`;
  });
  return `timestamp,zone,mw_solar,mw_wind\n${rows.join("\n")}\n`;
}

/** m-large rises from 10 to 20 rps each week; m-mid is 100 rps with an hour of outage. */
function serveGen(): string {
  const rows: string[] = [];
  for (let step = 0; step < 2016; step++) {
    rows.push(`m-large,${step * 600},${10 + (10 * (step % 1008)) / 1008},1`);
    rows.push(`m-mid,${step * 600},${step >= 60 && step < 66 ? 0 : 100},1`);
  }
  return `model,offset_s,rate_rps,active_clients\n${rows.join("\n")}\n`;
}

test("zones are found by the names of the files, whatever their years", async () => {
  expect(traces.zones).toEqual(["DE", "XX"]);
  expect(Array.from(await traces.intensity("XX", Date.UTC(2031, 0, 1), Date.UTC(2031, 0, 1, 2)))).toEqual([
    7, 7,
  ]);
});

test("intensity is that of the hours asked for", async () => {
  const from = Date.UTC(2022, 0, 1, 10);
  expect(Array.from(await traces.intensity("DE", from, from + 3 * hourMs))).toEqual([310, 311, 312]);
  expect(await traces.intensityRange("DE")).toEqual({
    fromMs: Date.UTC(2022, 0, 1),
    toMs: Date.UTC(2022, 0, 3),
  });
});

test("an hour without a recording is refused, with the range there is", async () => {
  await expect(traces.intensity("DE", Date.UTC(2022, 0, 2), Date.UTC(2022, 0, 4))).rejects.toMatchObject({
    code: "ERR_TRACE_MISSING",
    message: expect.stringMatching(/2022-01-03T00:00Z.*2022-01-01T00:00Z.*2022-01-03T00:00Z/),
  });
});

test("an unknown zone is refused, with the zones there are", async () => {
  await expect(traces.intensity("MARS", noon, noon + hourMs)).rejects.toMatchObject({
    code: "ERR_ZONE_UNKNOWN",
    message: expect.stringContaining("DE, XX"),
  });
});

test("a folder or file that is not there is refused, with what is there", async () => {
  await expect(recordedTraces(join(folder, "nowhere"))).rejects.toMatchObject({ code: "ERR_TRACE_MISSING" });
  await expect(traces.requestRate(1, noon, noon + hourMs, hourMs)).rejects.toMatchObject({
    code: "ERR_TRACE_MISSING",
    message: expect.stringContaining("servegen_aggregate_rate_10min.csv"),
  });
});

test("on-site supply has a yearly mean of 1 in every kind", async () => {
  for (const kind of ["solar", "wind", "both"] as const) {
    const { values, assumption } = await traces.onSiteShape(
      "DE",
      kind,
      Date.UTC(2021, 0, 1),
      Date.UTC(2022, 0, 1),
    );
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(1, 9);
    expect(assumption).toBe("");
  }
});

test("another year has the supply of the same hour of the calendar", async () => {
  const inYear = (year: number) =>
    traces.onSiteShape("DE", "solar", Date.UTC(year, 5, 1), Date.UTC(year, 5, 3));
  expect((await inYear(2024)).values).toEqual((await inYear(2021)).values);
  const leapDay = await traces.onSiteShape("DE", "wind", Date.UTC(2024, 1, 29), Date.UTC(2024, 2, 1));
  expect(Array.from(leapDay.values)).toEqual(new Array(24).fill(1));
});

test("a zone without a recording gets the sun of DE at its own solar noon, and says so", async () => {
  const own = await traces.onSiteShape("DE", "solar", noon, noon + hourMs);
  const texas = await traces.onSiteShape("US-TEX-ERCO", "solar", noon + 7 * hourMs, noon + 8 * hourMs);
  expect(texas.values).toEqual(own.values);
  expect(texas.assumption).toMatch(/DE.*US-TEX-ERCO.*assumed/);
});

test("a zone south of the equator has its summer in December", async () => {
  const day = async (month: number) => {
    const from = Date.UTC(2022, month, 10);
    const { values } = await traces.onSiteShape("ZA", "solar", from, from + dayMs);
    return Math.max(...values);
  };
  expect(await day(11)).toBeGreaterThan(0);
  expect(await day(5)).toBe(0);
});

test("request rates repeat every two weeks with the weekday kept, usual weekly peak 1", async () => {
  const monday = Date.UTC(2023, 0, 2);
  const week = await traces.requestRate(0, monday, monday + 7 * dayMs, 600_000);
  const later = await traces.requestRate(0, monday + 14 * dayMs, monday + 21 * dayMs, 600_000);
  expect(later).toEqual(week);
  expect(week[10]!).toBeLessThan(week[1000]!);
  expect(Math.max(...week)).toBeCloseTo(1, 1);
});

test("an outage of a recording is bridged", async () => {
  const monday = Date.UTC(2023, 0, 2);
  const rates = await traces.requestRate(2, monday, monday + 14 * dayMs, 600_000);
  expect(Math.min(...rates)).toBeCloseTo(1, 9);
});

test("a finer step interpolates, a coarser one averages", async () => {
  const monday = Date.UTC(2023, 0, 2) + dayMs;
  const fine = await traces.requestRate(0, monday, monday + hourMs, 60_000);
  const coarse = await traces.requestRate(0, monday, monday + hourMs, hourMs);
  expect(fine.length).toBe(60);
  expect(fine.every((rate, i) => i === 0 || rate > fine[i - 1]!)).toBe(true);
  expect(coarse[0]).toBeCloseTo(fine.reduce((sum, rate) => sum + rate, 0) / 60, 9);
});

test("jobs outside 0.5 to 48 h or beyond 8 GPUs are left out", async () => {
  expect(await traces.jobRows()).toEqual([
    { durationMs: hourMs, gpus: 4, hourOfWeek: 1, recordedAt: Date.UTC(2017, 9, 2, 1) },
    { durationMs: 48 * hourMs, gpus: 1, hourOfWeek: 167, recordedAt: Date.UTC(2017, 9, 8, 23, 59, 59) },
  ]);
});
