import { Registry } from "prom-client";
import { beforeEach, describe, expect, test } from "vitest";
import { type FleetView, observedFleet } from "../../src/observe/index.ts";
import type { Actuation, Decision, LedgerEntry } from "../../src/records/index.ts";
import { observedAt, samples } from "../records/samples.ts";

const HOUR_MS = 3_600_000;

let registry: Registry;
let fleet: FleetView;
beforeEach(() => {
  registry = new Registry();
  fleet = observedFleet(registry);
});

/** The value of a metric under labels that include those given. */
async function value(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const metric = await registry.getSingleMetric(name)?.get();
  return metric?.values.find((sample) =>
    Object.entries(labels).every(
      ([label, text]) => (sample.labels as Record<string, string>)[label] === text,
    ),
  )?.value;
}

function entry(changes: Partial<LedgerEntry>): void {
  fleet.take({ topic: "carm.ledger", value: { ...samples["carm.ledger"], ...changes } });
}

describe("carbon", () => {
  test("grams of final hours are counted, those that can still change are a gauge", async () => {
    entry({ startsAt: 0, gco2: 100, final: true, subjectKind: "job" });
    entry({ startsAt: HOUR_MS, gco2: 30, final: false, subjectKind: "job" });
    expect(await value("carm_emissions_grams_total", { subject: "job" })).toBe(100);
    expect(await value("carm_emissions_provisional_grams", { subject: "job" })).toBe(30);
  });

  test("a provisional hour that becomes final moves from the gauge to the counter", async () => {
    entry({ startsAt: 0, gco2: 30, final: false, revision: 0, subjectKind: "idle" });
    entry({ startsAt: 0, gco2: 33, final: true, revision: 1, subjectKind: "idle" });
    expect(await value("carm_emissions_provisional_grams", { subject: "idle" })).toBe(0);
    expect(await value("carm_emissions_grams_total", { subject: "idle" })).toBe(33);
  });

  test("an older revision that comes late changes nothing", async () => {
    entry({ startsAt: 0, gco2: 33, final: true, revision: 2, subjectKind: "idle" });
    entry({ startsAt: 0, gco2: 99, final: true, revision: 1, subjectKind: "idle" });
    expect(await value("carm_emissions_grams_total", { subject: "idle" })).toBe(33);
  });

  test("the counter never falls, also where an hour is restated downwards", async () => {
    entry({ startsAt: 0, gco2: 100, final: true, revision: 0, subjectKind: "idle" });
    expect(await value("carm_emissions_grams_total")).toBe(100);
    entry({ startsAt: 0, gco2: 80, final: true, revision: 1, subjectKind: "idle" });
    expect(await value("carm_emissions_grams_total")).toBe(100);
    entry({ startsAt: HOUR_MS, gco2: 50, final: true, revision: 0, subjectKind: "idle" });
    expect(await value("carm_emissions_grams_total")).toBe(130);
  });

  test("hours beyond the revision window stay in the sums", async () => {
    for (let hour = 0; hour < 200; hour += 1) {
      entry({ startsAt: hour * HOUR_MS, gco2: 1, final: true, revision: 0, subjectKind: "idle" });
    }
    expect(await value("carm_emissions_grams_total")).toBe(200);
  });
});

describe("decisions", () => {
  const decision: Decision = { ...samples["carm.decisions"], target: { kind: "service", id: "chat" } };
  const report: Actuation = {
    ...samples["carm.actuations"],
    target: decision.target,
    epoch: decision.epoch,
    observedAt: decision.observedAt + 4_000,
  };

  test("a decision is pending until an agent reports it as applied, and the time between is its lag", async () => {
    fleet.take({ topic: "carm.decisions", value: decision });
    expect(await value("carm_decisions_pending")).toBe(1);
    fleet.take({ topic: "carm.actuations", value: report });
    expect(await value("carm_decisions_pending")).toBe(0);
    const text = await registry.metrics();
    expect(text).toContain('carm_actuation_lag_seconds_sum{cluster="lab"} 4');
  });

  test("a report about an older decision does not settle a newer one", async () => {
    const newer = { ...decision, epoch: { ...decision.epoch, sequence: decision.epoch.sequence + 1 } };
    fleet.take({ topic: "carm.decisions", value: newer });
    fleet.take({ topic: "carm.actuations", value: report });
    expect(await value("carm_decisions_pending")).toBe(1);
  });

  test("a failed attempt leaves the decision pending", async () => {
    fleet.take({ topic: "carm.decisions", value: decision });
    fleet.take({ topic: "carm.actuations", value: { ...report, result: "failed" } });
    expect(await value("carm_decisions_pending")).toBe(1);
    expect(await value("carm_actuations_total", { result: "failed" })).toBe(1);
  });

  test("a tombstone takes the target off the view", async () => {
    fleet.take({ topic: "carm.decisions", value: decision });
    fleet.drop("carm.decisions", "lab/service/chat");
    expect(await value("carm_decisions_pending")).toBe(0);
    expect(await value("carm_service_setpoint_hertz")).toBeUndefined();
  });

  test("somebody else's hand is shown until the agent has the target back", async () => {
    fleet.take({ topic: "carm.actuations", value: { ...report, result: "overridden" } });
    expect(await value("carm_targets_overridden")).toBe(1);
    fleet.take({ topic: "carm.actuations", value: { ...report, result: "applied" } });
    expect(await value("carm_targets_overridden")).toBe(0);
  });
});

describe("forecasts", () => {
  const issued = Math.floor(observedAt / HOUR_MS) * HOUR_MS;
  const forecast = {
    ...samples["carm.forecasts"],
    observedAt: issued,
    startsAt: issued,
    values: [100, 200, 300].map((level) => new Array<number>(48).fill(level)),
  };
  const measured = {
    ...samples["carm.grid-intensity"],
    kind: "measured" as const,
    issuedAt: null,
    durationMs: HOUR_MS,
  };

  test("each measured hour scores the forecast that was made for it, once", async () => {
    fleet.take({ topic: "carm.forecasts", value: forecast });
    const hour = { ...measured, startsAt: issued, gco2PerKwh: 260 };
    fleet.take({ topic: "carm.grid-intensity", value: hour });
    fleet.take({ topic: "carm.grid-intensity", value: hour });
    expect(await value("carm_forecast_scored_total", { lead_hours: "1" })).toBe(1);
    expect(await value("carm_forecast_covered_total", { lead_hours: "1" })).toBe(1);
    expect(await value("carm_forecast_absolute_error_grams_per_kwh_total", { lead_hours: "1" })).toBe(60);
    expect(await value("carm_forecast_scored_total", { lead_hours: "24" })).toBe(0);
  });

  test("an hour outside the interval is not covered", async () => {
    fleet.take({ topic: "carm.forecasts", value: forecast });
    const hour = { ...measured, startsAt: issued + 23 * HOUR_MS, gco2PerKwh: 900 };
    fleet.take({ topic: "carm.grid-intensity", value: hour });
    expect(await value("carm_forecast_scored_total", { lead_hours: "24" })).toBe(1);
    expect(await value("carm_forecast_covered_total", { lead_hours: "24" })).toBe(0);
  });
});
