import type { PolicyMeasurements } from "../../src/report/index.ts";

/** A figure of one policy on Kafka and in one process. */
export interface Compared {
  readonly policy: string;
  readonly figure: string;
  readonly apart: number;
  readonly whole: number;
  readonly isNear: boolean;
}

const TOLERANCE = 0.01;

/** Every figure of the table, from the same scenario run in both ways. */
export function compare(
  apart: readonly PolicyMeasurements[],
  whole: readonly PolicyMeasurements[],
): Compared[] {
  return apart.flatMap((one) => {
    const other = whole.find(({ policy }) => policy === one.policy)!;
    const [a, b] = [figures(one), figures(other)];
    return Object.keys(a).map((figure) => {
      const [x, y] = [a[figure]!, b[figure]!];
      return {
        policy: one.policy,
        figure,
        apart: x,
        whole: y,
        isNear: Math.abs(x - y) <= TOLERANCE * Math.abs(y),
      };
    });
  });
}

function figures({ kgCo2, kwh, services, jobs, samples }: PolicyMeasurements): Record<string, number> {
  const total = (of: (service: (typeof services)[number]) => number) =>
    services.reduce((sum, service) => sum + of(service), 0);
  return {
    "kg CO2": kgCo2,
    kWh: kwh,
    requests: total(({ requests }) => requests),
    "requests within target": total(({ requests, requestsOverTarget }) => requests - requestsOverTarget),
    "jobs finished": jobs.filter(({ finishedAt }) => finishedAt !== null).length,
    "deadlines kept": jobs.filter(({ deadlineMissed }) => !deadlineMissed).length,
    samples,
  };
}
