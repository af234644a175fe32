import { busyPowerWatts, findProfile, samplesPerSecond } from "../../profiles/index.ts";
import {
  CarmError,
  type Job,
  type LedgerEntry,
  type RequestRate,
  type TopicName,
  type TopicRecords,
} from "../../records/index.ts";
import type { EvaluatedRun } from "../../report/index.ts";
import type { Scenario } from "../../simulate/index.ts";

const JOULES_PER_KWH = 3_600_000;

/** Sums up the records of one run: only what an evaluation compares. */
export class RunTally {
  readonly #scenario: Scenario;
  readonly #ledger = new Map<string, LedgerEntry>();
  readonly #jobs = new Map<string, Job>();
  /** The last window of each service. */
  readonly #windows = new Map<string, RequestRate>();
  #clockChanges = 0;
  #resizes = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  take(topic: TopicName, value: never): void {
    switch (topic) {
      case "carm.ledger": {
        const entry: LedgerEntry = value;
        const key = `${entry.startsAt}/${entry.subjectKind}/${entry.subject}`;
        if (entry.revision > (this.#ledger.get(key)?.revision ?? -1)) this.#ledger.set(key, entry);
        return;
      }
      case "carm.jobs":
        this.#jobs.set((value as Job).job, value);
        return;
      case "carm.request-rate":
        this.#windows.set((value as RequestRate).service, value);
        return;
      case "carm.job-events":
        if ((value as TopicRecords["carm.job-events"]).type === "resized") this.#resizes += 1;
        return;
      case "carm.actuations": {
        const { result, agent } = value as TopicRecords["carm.actuations"];
        if (result === "applied" && agent !== "scheduler") this.#clockChanges += 1;
        return;
      }
      case "carm.dead-letters": {
        const { reason, detail } = value as TopicRecords["carm.dead-letters"];
        throw new CarmError("ERR_INTERNAL", `a simulated record was refused with ${reason}: ${detail}`);
      }
      default:
        return;
    }
  }

  run(): EvaluatedRun {
    const { startsAt, endsAt, services, jobs } = this.#scenario;
    const entries = [...this.#ledger.values()].filter(
      (entry) => entry.startsAt >= startsAt && entry.startsAt < endsAt,
    );
    const sum = (of: readonly LedgerEntry[], value: (entry: LedgerEntry) => number) =>
      of.reduce((total, entry) => total + value(entry), 0);
    const kwhLeft = this.#kwhLeft();
    const kgCo2Charged = (kwhLeft * this.#scenario.cluster.pue * this.#meanIntensity()) / 1000;
    const finished = (job: Job | undefined) => job?.state === "finished" && job.finishedAt! <= endsAt;
    const missed = (id: string, deadlineAt: number | null) => {
      const job = this.#jobs.get(id);
      return deadlineAt !== null && !(job?.state === "finished" && job.finishedAt! <= deadlineAt);
    };
    return {
      kgCo2: sum(entries, (entry) => entry.gco2) / 1000 + kgCo2Charged,
      kwh: sum(entries, (entry) => entry.energyKwh) + kwhLeft,
      kgCo2Charged,
      services: services.map(({ id, spec }) => {
        const own = entries.filter((entry) => entry.subjectKind === "service" && entry.subject === id);
        return {
          service: id,
          latencyQuantile: spec.latencyQuantile,
          requests: sum(own, (entry) => entry.requests),
          requestsOverTarget: sum(own, (entry) => entry.requestsOverTarget),
        };
      }),
      jobsSubmitted: jobs.length,
      jobsFinished: jobs.filter(({ id }) => finished(this.#jobs.get(id))).length,
      deadlineMisses: jobs.filter(({ id, spec }) => missed(id, spec.deadlineAt)).length,
      samples: sum(entries, (entry) => entry.samples),
      clockChanges: this.#clockChanges,
      resizes: this.#resizes,
    };
  }

  /**
   * Energy above idle for what was left undone at the end: the jobs' samples as MAX does them, and the requests that
   * still waited at full batches.
   */
  #kwhLeft(): number {
    const { jobs, services, profiles } = this.#scenario;
    let joules = 0;
    for (const { id, spec } of jobs) {
      const job = this.#jobs.get(id);
      const left = spec.samples! - (job?.samplesDone ?? 0);
      if (left <= 0 || job?.state === "finished") continue;
      const profile = findProfile(profiles, spec.model, this.#gpuModelOf(spec.pool));
      const { maxSmClockMhz, idlePowerWatts } = profile.gpu;
      const watts = spec.requestedWorkers * (busyPowerWatts(profile, maxSmClockMhz) - idlePowerWatts);
      joules += (left / samplesPerSecond(profile, spec.requestedWorkers, maxSmClockMhz)) * watts;
    }
    for (const { id, spec } of services) {
      const waiting = this.#windows.get(id)?.queueDepth ?? 0;
      if (waiting === 0) continue;
      const profile = findProfile(profiles, spec.model, this.#gpuModelOf(spec.pool));
      const { setupMs, marginalMs, maxBatch } = profile.batching!;
      const seconds = (setupMs / maxBatch + marginalMs) / 1000;
      joules +=
        waiting * seconds * (busyPowerWatts(profile, profile.gpu.maxSmClockMhz) - profile.gpu.idlePowerWatts);
    }
    return joules / JOULES_PER_KWH;
  }

  #gpuModelOf(pool: string): string {
    return this.#scenario.cluster.pools.find(({ name }) => name === pool)!.gpuModel;
  }

  #meanIntensity(): number {
    const { grid, startsAt } = this.#scenario;
    const run = grid.filter((hour) => hour.startsAt >= startsAt);
    return run.reduce((sum, hour) => sum + hour.gco2PerKwh, 0) / run.length;
  }
}
