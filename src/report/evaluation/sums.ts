import type { EvaluatedRun, EvaluatedService } from "./evaluated-run.ts";

/** Runs of one policy added up: counts and grams are sums, a service keeps its own. */
export function sumOf(runs: readonly EvaluatedRun[]): EvaluatedRun {
  const total = (value: (run: EvaluatedRun) => number) => runs.reduce((sum, run) => sum + value(run), 0);
  const services = new Map<string, EvaluatedService>();
  for (const service of runs.flatMap((run) => run.services)) {
    const sum = services.get(service.service);
    services.set(service.service, {
      ...service,
      requests: service.requests + (sum?.requests ?? 0),
      requestsOverTarget: service.requestsOverTarget + (sum?.requestsOverTarget ?? 0),
    });
  }
  return {
    kgCo2: total((run) => run.kgCo2),
    kwh: total((run) => run.kwh),
    kgCo2Charged: total((run) => run.kgCo2Charged),
    services: [...services.values()],
    jobsSubmitted: total((run) => run.jobsSubmitted),
    jobsFinished: total((run) => run.jobsFinished),
    deadlineMisses: total((run) => run.deadlineMisses),
    samples: total((run) => run.samples),
    clockChanges: total((run) => run.clockChanges),
    resizes: total((run) => run.resizes),
  };
}

export function requestsOf(run: EvaluatedRun): { requests: number; requestsOverTarget: number } {
  return {
    requests: run.services.reduce((sum, service) => sum + service.requests, 0),
    requestsOverTarget: run.services.reduce((sum, service) => sum + service.requestsOverTarget, 0),
  };
}
