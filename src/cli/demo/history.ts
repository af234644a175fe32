import type { Policy, RequestRate } from "../../records/index.ts";
import type { Scenario, ScenarioService } from "../../simulate/index.ts";
import { type DueRecord, gridRecords, type SetupRecord, setupRecords } from "../../sources/index.ts";

const LEASE_MS = 300_000;

export type HistoryRecord = SetupRecord | DueRecord<"carm.request-rate"> | DueRecord<"carm.grid-intensity">;

/**
 * What is known before the start: the cluster, its policy and profiles, past arrivals and past intensity. `dueAt` is
 * the creation time that a replay gives them.
 */
export function historyRecords(scenario: Scenario, planner: string): HistoryRecord[] {
  const { startsAt, cluster } = scenario;
  const policy: Policy = {
    cluster: cluster.cluster,
    observedAt: startsAt,
    version: 1,
    planner,
    mode: "live",
    minSmClockMhz: null,
    maxSmClockMhz: null,
    leaseMs: LEASE_MS,
  };
  return [
    ...setupRecords(startsAt, cluster, policy, scenario.profiles),
    ...scenario.services.flatMap((service) => pastArrivals(scenario, service)),
    ...allGridRecords(scenario)
      .filter(({ dueAt }) => dueAt <= startsAt)
      .map((record) => ({ ...record, dueAt: startsAt })),
  ];
}

/** Intensity and supply of the hours that end during the run, by the end of the hour. */
export function gridRecordsAfterStart(scenario: Scenario): DueRecord<"carm.grid-intensity">[] {
  return allGridRecords(scenario).filter(({ dueAt }) => dueAt > scenario.startsAt);
}

function allGridRecords({ cluster, grid }: Scenario): DueRecord<"carm.grid-intensity">[] {
  return gridRecords(cluster.cluster, cluster.zone, grid);
}

function pastArrivals(scenario: Scenario, service: ScenarioService): DueRecord<"carm.request-rate">[] {
  const { ratesStartAt, rateStepMs, requestsPerSecond } = service;
  const records: DueRecord<"carm.request-rate">[] = [];
  for (const [step, rate] of requestsPerSecond.entries()) {
    const endsAt = ratesStartAt + (step + 1) * rateStepMs;
    if (endsAt > scenario.startsAt) break;
    const arrivals = Math.round((rate * rateStepMs) / 1000);
    const record: RequestRate = {
      cluster: scenario.cluster.cluster,
      observedAt: endsAt,
      service: service.id,
      startsAt: endsAt - rateStepMs,
      durationMs: rateStepMs,
      arrivals,
      completions: arrivals,
      queueDepth: 0,
      overTarget: 0,
      latencyCounts: [],
    };
    records.push({ dueAt: endsAt, topic: "carm.request-rate", record });
  }
  return records;
}
