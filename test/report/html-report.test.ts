import { expect, test } from "vitest";
import { demoResult, htmlReport, type PolicyMeasurements, type RunInput } from "../../src/report/index.ts";
import { forecastScore } from "../../src/report/pictures/forecast.ts";
import { hourMs, sampleInput, sampleRun, series } from "./sample-run.ts";

const attribution = ["Data © Electricity Maps (www.electricitymaps.com), ODbL 1.0"];

function pageOf(runs: readonly PolicyMeasurements[], input: RunInput = sampleInput): string {
  return htmlReport(demoResult({ runs, input, provenance: ["Jobs: Philly"], attribution }));
}

const all = [
  sampleRun("ca-rm", { kgCo2: 63 }),
  sampleRun("max", { kgCo2: 100 }),
  sampleRun("min", { kgCo2: 60, deadlineMisses: 3 }),
  sampleRun("power-cap", { kgCo2: 80 }),
  sampleRun("energy-cost", { kgCo2: 96 }),
];
const page = pageOf(all);

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

test("the page shows five pictures, each with words for those who can't see it", () => {
  expect(count(page, /<svg /g)).toBe(5);
  expect(count(page, /<svg role="img" aria-label="[^"]{20,}"/g)).toBe(5);
  expect(count(page, /<figcaption>[^<]/g)).toBe(5);
});

test("nothing is loaded from elsewhere", () => {
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|@font-face/);
  expect(page).not.toMatch(/(src|href)\s*=/);
  expect(page).not.toMatch(/url\((?!#)/);
});

test("pictures on one page do not share identifiers", () => {
  const ids = page.match(/ id="[^"]+"/g) ?? [];
  expect(new Set(ids).size).toBe(ids.length);
});

test("drawings take their colours from the page, so they fit light and dark", () => {
  expect(page).toContain("prefers-color-scheme: dark");
  expect(page).toContain('stroke="var(--green)"');
  expect(page).not.toMatch(/#0101\d\d/);
});

test("the headline says both savings, and against whom", () => {
  expect(page).toContain("<strong>25.0 %</strong><span>less CO2 than the mean of");
  expect(page).toContain("<strong>21.3 %</strong><span>less CO2 than the best of them");
  expect(page).toContain("(PowerCap)");
});

test("a policy that broke a promise is marked in words", () => {
  expect(page).toMatch(/>MIN<br><small>breaks promises<\/small>/);
  expect(page).toContain("MIN (breaks promises)");
  expect(page).toContain("MIN breaks its promises: 3 deadlines missed.");
});

test("sources and licences are named", () => {
  expect(page).toContain(attribution[0]);
  expect(page).toContain("<li>Jobs: Philly</li>");
});

test("a typical day is called one, a recording is not", () => {
  expect(page).not.toContain("typical");
  expect(pageOf(all, { ...sampleInput, traces: "typical" })).toContain("A typical day, not a recording.");
});

test("names can't smuggle markup into the page", () => {
  const evil = '<b onload="x">&';
  const run = sampleRun("ca-rm", { kgCo2: 1 });
  const text = pageOf(
    [
      {
        ...run,
        policy: evil,
        jobs: run.jobs.map((job) => ({ ...job, job: evil })),
        services: run.services.map((service) => ({ ...service, service: evil })),
      },
    ],
    { ...sampleInput, zone: evil, gpuModel: evil, onSite: evil },
  );
  expect(text).not.toContain("<b onload");
  expect(text).not.toContain('onload="');
  expect(text).toContain("&lt;b onload=&quot;x&quot;&gt;&amp;");
});

test("a run without jobs, forecasts or competitors still gives a page, without their pictures", () => {
  const bare = { ...sampleRun("ca-rm", { kgCo2: 5, jobs: 0 }), dayAhead: null };
  const text = pageOf([bare]);
  expect(count(text, /<svg /g)).toBe(3);
  expect(text).toContain("Savings against competitors are stated when");
  expect(text).not.toMatch(/NaN|undefined|null/);
});

test("a job that missed its deadline is called late", () => {
  const late = pageOf([sampleRun("ca-rm", { kgCo2: 5, deadlineMisses: 2 })]);
  expect(count(late, /LATE/g)).toBe(2);
  expect(page).not.toContain("LATE");
});

test("the forecast's score counts only hours that have both forecast and measurement", () => {
  const actual = series(4, hourMs, (i) => [100, 200, 300, null][i]!);
  const around = (values: (number | null)[]) => series(4, hourMs, (i) => values[i]!);
  const score = forecastScore(actual, {
    low: around([90, 230, null, 1]),
    median: around([110, 240, null, 1]),
    high: around([120, 260, null, 1]),
    lowLevel: 0.05,
    highLevel: 0.95,
  });
  expect(score).toEqual({ mape: (10 + 40) / 300, inBand: 0.5 });
});
