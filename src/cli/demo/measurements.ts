import {
  type Actuation,
  CarmError,
  type Forecast,
  type GpuTelemetry,
  histogramQuantileMs,
  type Job,
  type JobEvent,
  type LedgerEntry,
  type RequestRate,
  type TopicName,
  type TopicRecords,
} from "../../records/index.ts";
import type { JobRun, PolicyMeasurements, Series, ServiceRun } from "../../report/index.ts";
import type { Scenario } from "../../simulate/index.ts";
import { MeanSeries } from "./mean-series.ts";

const HOUR_MS = 3_600_000;
/** Distance of clock points in the pictures. */
const CLOCK_STEP_MS = 600_000;

/** The topics that `take` makes use of. */
export const measuredTopics = [
  "carm.ledger",
  "carm.jobs",
  "carm.job-events",
  "carm.actuations",
  "carm.forecasts",
  "carm.gpu-telemetry",
  "carm.request-rate",
  "carm.dead-letters",
] as const satisfies readonly TopicName[];

/** Sums up what one run published: nothing is taken from the simulator. */
export class Measurements {
  readonly #scenario: Scenario;
  readonly #ledger = new Map<string, LedgerEntry>();
  readonly #jobs = new Map<string, Job>();
  readonly #workers = new Map<string, { at: number; workers: number }[]>();
  readonly #clocks = new Map<string, MeanSeries>();
  readonly #latencies = new Map<string, number[][]>();
  readonly #dayAhead = new Map<number, Forecast>();
  #clockChanges = 0;
  #resizes = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  summary(policy: string): PolicyMeasurements {
    const { startsAt, endsAt, grid } = this.#scenario;
    const entries = [...this.#ledger.values()].filter(
      (entry) => entry.startsAt >= startsAt && entry.startsAt < endsAt,
    );
    const gramsByHour = new Array<number>((endsAt - startsAt) / HOUR_MS).fill(0);
    for (const entry of entries) {
      const hour = (entry.startsAt - startsAt) / HOUR_MS;
      gramsByHour[hour] = (gramsByHour[hour] as number) + entry.gco2;
    }
    let kgSoFar = 0;
    const cumulative = gramsByHour.map((grams) => {
      kgSoFar += grams / 1000;
      return kgSoFar;
    });
    const measured = grid.filter((hour) => hour.startsAt >= startsAt && hour.startsAt < endsAt);
    return {
      policy,
      kgCo2: kgSoFar,
      kwh: entries.reduce((sum, entry) => sum + entry.energyKwh, 0),
      services: this.#scenario.services.map((service) => this.#serviceRun(service.id, entries)),
      jobs: this.#scenario.jobs.map(({ id }) => this.#jobRun(id)).filter((job) => job !== undefined),
      samples: entries.reduce((sum, entry) => sum + entry.samples, 0),
      clockChanges: this.#clockChanges,
      resizes: this.#resizes,
      cumulativeKgCo2: this.#hourly(cumulative),
      trainingClockMhz: this.#clockSeries("training").series(),
      intensity: this.#hourly(measured.map((hour) => hour.gco2PerKwh)),
      dayAhead: this.#dayAheadSeries(),
    };
  }

  /** A record in the order of its topic. Throws ERR_INTERNAL for a dead letter: a simulation makes no bad records. */
  take<T extends TopicName>(topic: T, value: TopicRecords[T]): void;
  take(topic: TopicName, value: never): void {
    switch (topic) {
      case "carm.ledger":
        return this.#takeEntry(value);
      case "carm.jobs":
        this.#jobs.set((value as Job).job, value);
        return;
      case "carm.job-events":
        return this.#takeJobEvent(value);
      case "carm.actuations":
        return this.#takeActuation(value);
      case "carm.forecasts":
        return this.#takeForecast(value);
      case "carm.gpu-telemetry":
        return this.#takeTelemetry(value);
      case "carm.dead-letters": {
        const { topic: from, reason, detail } = value as TopicRecords["carm.dead-letters"];
        throw new CarmError("ERR_INTERNAL", `a record of ${from} was refused with ${reason}: ${detail}`);
      }
      case "carm.request-rate":
        return this.#takeRequests(value);
      default:
        return;
    }
  }

  #takeEntry(entry: LedgerEntry): void {
    const key = `${entry.startsAt}/${entry.subjectKind}/${entry.subject}`;
    const known = this.#ledger.get(key);
    if (known === undefined || entry.revision > known.revision) this.#ledger.set(key, entry);
  }

  #takeJobEvent(event: JobEvent): void {
    if (event.type === "resized") this.#resizes += 1;
    const ended = event.type === "finished" || event.type === "failed" || event.type === "cancelled";
    const workers = ended ? 0 : event.progress?.workers;
    if (workers === undefined) return;
    const steps = this.#workers.get(event.subject) ?? [];
    if (steps.at(-1)?.workers !== workers) steps.push({ at: event.observedAt, workers });
    this.#workers.set(event.subject, steps);
  }

  #takeActuation(actuation: Actuation): void {
    if (actuation.result === "applied" && actuation.agent !== "scheduler") this.#clockChanges += 1;
  }

  /** Of each day, the first forecast issued in it: what was expected of the next 24 hours. */
  #takeForecast(forecast: Forecast): void {
    if (forecast.quantity !== "grid_intensity") return;
    const day = Math.floor(forecast.startsAt / (24 * HOUR_MS));
    if (!this.#dayAhead.has(day)) this.#dayAhead.set(day, forecast);
  }

  #takeTelemetry(telemetry: GpuTelemetry): void {
    for (const gpu of telemetry.gpus) {
      const tenant = gpu.tenants[0];
      if (tenant === undefined) continue;
      const name = tenant.kind === "service" ? tenant.id : "training";
      this.#clockSeries(name).add(telemetry.observedAt, gpu.smClockMhz);
    }
  }

  #takeRequests(window: RequestRate): void {
    const hour = Math.floor((window.startsAt - this.#scenario.startsAt) / HOUR_MS);
    if (hour < 0) return;
    const hours = this.#latencies.get(window.service) ?? [];
    this.#latencies.set(window.service, hours);
    const counts = hours[hour] ?? new Array<number>(window.latencyCounts.length).fill(0);
    hours[hour] = counts.map((count, bucket) => count + (window.latencyCounts[bucket] ?? 0));
  }

  #clockSeries(name: string): MeanSeries {
    const known = this.#clocks.get(name);
    if (known !== undefined) return known;
    const made = new MeanSeries(this.#scenario.startsAt, this.#scenario.endsAt, CLOCK_STEP_MS);
    this.#clocks.set(name, made);
    return made;
  }

  #serviceRun(service: string, entries: readonly LedgerEntry[]): ServiceRun {
    const { spec } = this.#scenario.services.find(({ id }) => id === service) as Scenario["services"][number];
    const own = entries.filter((entry) => entry.subjectKind === "service" && entry.subject === service);
    const hours = (this.#scenario.endsAt - this.#scenario.startsAt) / HOUR_MS;
    const latencies = Array.from({ length: hours }, (_, hour) => {
      const counts = this.#latencies.get(service)?.[hour];
      return counts === undefined ? null : histogramQuantileMs(counts, spec.latencyQuantile);
    });
    return {
      service,
      latencyQuantile: spec.latencyQuantile,
      latencyTargetMs: spec.latencyTargetMs,
      requests: own.reduce((sum, entry) => sum + entry.requests, 0),
      requestsOverTarget: own.reduce((sum, entry) => sum + entry.requestsOverTarget, 0),
      clockMhz: this.#clockSeries(service).series(),
      latencyMs: this.#hourly(latencies),
    };
  }

  #jobRun(id: string): JobRun | undefined {
    const job = this.#jobs.get(id);
    if (job === undefined) return undefined;
    const { submittedAt, deadlineAt, finishedAt } = job;
    const dueAt = deadlineAt ?? Number.POSITIVE_INFINITY;
    return {
      job: id,
      submittedAt,
      deadlineAt,
      finishedAt: job.state === "finished" ? finishedAt : null,
      deadlineMissed:
        job.state === "finished" ? (finishedAt as number) > dueAt : this.#scenario.endsAt > dueAt,
      workers: this.#workers.get(id) ?? [],
    };
  }

  #dayAheadSeries(): PolicyMeasurements["dayAhead"] {
    const { startsAt, endsAt } = this.#scenario;
    const hours = (endsAt - startsAt) / HOUR_MS;
    const bands = [0, 1, 2].map(() => new Array<number | null>(hours).fill(null));
    let levels: readonly number[] | undefined;
    for (const [day, forecast] of this.#dayAhead) {
      levels ??= forecast.levels;
      for (let step = 0; step < (forecast.values[0]?.length ?? 0); step += 1) {
        const timeMs = forecast.startsAt + step * forecast.stepMs;
        const hour = (timeMs - startsAt) / HOUR_MS;
        if (Math.floor(timeMs / (24 * HOUR_MS)) !== day || hour < 0 || hour >= hours) continue;
        bands.forEach((band, level) => {
          band[hour] = forecast.values[level]?.[step] ?? null;
        });
      }
    }
    if (levels === undefined) return null;
    const [low, median, high] = bands.map((band) => this.#hourly(band)) as [Series, Series, Series];
    return { low, median, high, lowLevel: levels[0] as number, highLevel: levels.at(-1) as number };
  }

  #hourly(values: readonly (number | null)[]): Series {
    return { startsAt: this.#scenario.startsAt, stepMs: HOUR_MS, values };
  }
}
