import { expect, test } from "vitest";
import { gridRecords } from "../../src/sources/index.ts";

const hourMs = 3_600_000;
const start = Date.UTC(2023, 5, 1);

function hours(onSiteWatts: readonly number[]) {
  return onSiteWatts.map((watts, i) => ({
    startsAt: start + i * hourMs,
    gco2PerKwh: 300 + i,
    pricePerKwh: 0.2,
    onSiteWatts: watts,
  }));
}

test("nothing about an hour is told before it is over", () => {
  for (const { dueAt, record } of gridRecords("c1", "DE", hours([0, 0, 0]))) {
    expect(dueAt).toBe(record.startsAt + record.durationMs);
    expect(record.observedAt).toBe(dueAt);
    expect(record.kind).toBe("measured");
  }
});

test("a cluster without on-site supply says so instead of zero watts", () => {
  expect(gridRecords("c1", "DE", hours([0, 0])).map(({ record }) => record.onSiteWatts)).toEqual([
    null,
    null,
  ]);
});

test("a night without sun is zero watts, not unknown", () => {
  expect(gridRecords("c1", "DE", hours([0, 500])).map(({ record }) => record.onSiteWatts)).toEqual([0, 500]);
});
