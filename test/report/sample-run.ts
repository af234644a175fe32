import type {
  IntensityForecast,
  JobRun,
  PolicyMeasurements,
  RunInput,
  Series,
  ServiceRun,
} from "../../src/report/index.ts";

export const hourMs = 3_600_000;
export const startsAt = Date.UTC(2023, 5, 1);

/** Totals of a run with two requests-per-second services and as many jobs as asked for. */
export interface SampleTotals {
  readonly kgCo2: number;
  readonly requestsOverTarget?: number;
  readonly deadlineMisses?: number;
  readonly unfinished?: number;
  readonly samples?: number;
  readonly clockMhz?: number;
  readonly hours?: number;
  readonly jobs?: number;
}

export const sampleInput: RunInput = {
  zone: "DE",
  start: "2023-06-01T00:00:00Z",
  days: 3,
  gpus: 32,
  gpuModel: "rtx-4090",
  load: "low",
  slack: 2,
  seed: 1,
  modelError: 1,
  onSite: null,
  traces: "recorded",
  services: 2,
  jobs: 12,
};

/** A made-up run of `policy`: smooth series, no randomness. */
export function sampleRun(policy: string, totals: SampleTotals): PolicyMeasurements {
  const hours = totals.hours ?? 72;
  const clock = totals.clockMhz ?? 2520;
  const wave = (hour: number) => Math.sin(((hour - 14) / 24) * 2 * Math.PI);
  const service = (name: string, targetMs: number): ServiceRun => ({
    service: name,
    latencyQuantile: 0.99,
    latencyTargetMs: targetMs,
    requests: 500_000,
    requestsOverTarget: (totals.requestsOverTarget ?? 1000) / 2,
    clockMhz: series(hours * 6, hourMs / 6, (i) => clock - 300 * wave(i / 6) - 200),
    latencyMs: series(
      hours * 6,
      hourMs / 6,
      (i) => targetMs * (0.6 + 0.25 * wave(i / 6) + 0.08 * Math.sin(i)),
    ),
  });
  return {
    policy,
    kgCo2: totals.kgCo2,
    kwh: totals.kgCo2 / 0.4,
    services: [service("chat", 200), service("vision", 50)],
    jobs: sampleJobs(totals, hours),
    samples: totals.samples ?? 1_000_000,
    clockChanges: 420,
    resizes: 17,
    cumulativeKgCo2: series(hours, hourMs, (i) => (totals.kgCo2 * (i + 1 + 2 * wave(i))) / hours),
    trainingClockMhz: series(hours * 6, hourMs / 6, (i) => (i % 100 < 12 ? null : clock + 150 * wave(i / 6))),
    intensity: series(hours, hourMs, intensityAt),
    dayAhead: sampleForecast(hours),
  };
}

function intensityAt(hour: number): number {
  return 380 + 130 * Math.sin(((hour - 14) / 24) * 2 * Math.PI) + 40 * Math.sin(hour / 9);
}

function sampleForecast(hours: number): IntensityForecast {
  const around = (factor: number) =>
    series(hours, hourMs, (i) => factor * (intensityAt(i) + 15 * Math.cos(i / 5)));
  return { low: around(0.85), median: around(1), high: around(1.15), lowLevel: 0.05, highLevel: 0.95 };
}

function sampleJobs(totals: SampleTotals, hours: number): JobRun[] {
  return Array.from({ length: totals.jobs ?? 12 }, (_, i) => {
    const submitted = startsAt + ((i * 3) % (hours - 12)) * hourMs;
    const workers = 1 + (i % 4);
    return {
      job: `job-${String(i + 1).padStart(2, "0")}`,
      submittedAt: submitted,
      deadlineAt: submitted + (12 + (i % 5) * 3) * hourMs,
      finishedAt: i < (totals.unfinished ?? 0) ? null : submitted + (9 + (i % 5)) * hourMs,
      deadlineMissed: i < (totals.deadlineMisses ?? 0),
      workers: [
        { at: submitted, workers: 0 },
        { at: submitted + (i % 4) * hourMs, workers },
        { at: submitted + 5 * hourMs, workers: 2 * workers },
        ...(i % 3 === 0 ? [{ at: submitted + 6 * hourMs, workers: 0 }] : []),
        { at: submitted + 7 * hourMs, workers },
        { at: submitted + (9 + (i % 5)) * hourMs, workers: 0 },
      ],
    };
  });
}

export function series(length: number, stepMs: number, valueAt: (step: number) => number | null): Series {
  return { startsAt, stepMs, values: Array.from({ length }, (_, i) => valueAt(i)) };
}
