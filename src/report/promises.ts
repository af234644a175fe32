import type { JobRun, PolicyMeasurements } from "./run-result.ts";

/** What a run, or several together, did about its promises. */
export interface Promises {
  readonly services: readonly ServicePromise[];
  readonly jobsSubmitted: number;
  readonly jobsFinished: number;
  readonly deadlineMisses: number;
}

export interface ServicePromise {
  readonly service: string;
  readonly latencyQuantile: number;
  readonly requests: number;
  readonly requestsOverTarget: number;
}

/**
 * The promises that `run` broke, in words; empty if it kept them. The rule: of each service, no larger share of
 * requests over the target than its quantile allows; no more deadlines missed than none; every job finished. Where MAX
 * itself does worse than that, the promise is to do no worse than MAX. `max` is undefined if MAX was not run.
 */
export function brokenPromises(run: Promises, max: Promises | undefined): string[] {
  const broken = run.services.flatMap((service) => {
    const reference = max?.services.find((other) => other.service === service.service);
    const allowed = Math.max(1 - service.latencyQuantile, reference ? overTargetShare(reference) : 0);
    const share = overTargetShare(service);
    // The quantile is a decimal fraction, so 1 − 0.99 is not exactly 0.01.
    return share <= allowed + 1e-9
      ? []
      : [`${service.service}: ${percent(share)} of requests over the target`];
  });
  const misses = run.deadlineMisses;
  if (misses > (max?.deadlineMisses ?? 0)) {
    broken.push(misses === 1 ? "1 deadline missed" : `${misses} deadlines missed`);
  }
  const unfinished = run.jobsSubmitted - run.jobsFinished;
  if (unfinished > (max === undefined ? 0 : max.jobsSubmitted - max.jobsFinished)) {
    broken.push(unfinished === 1 ? "1 job not finished" : `${unfinished} jobs not finished`);
  }
  return broken;
}

export function promisesOf({ services, jobs }: PolicyMeasurements): Promises {
  return {
    services,
    jobsSubmitted: jobs.length,
    jobsFinished: finishedJobs(jobs),
    deadlineMisses: missedDeadlines(jobs),
  };
}

export function overTargetShare(service: ServicePromise): number {
  return service.requests > 0 ? service.requestsOverTarget / service.requests : 0;
}

export function missedDeadlines(jobs: readonly JobRun[]): number {
  return jobs.filter((job) => job.deadlineMissed).length;
}

export function finishedJobs(jobs: readonly JobRun[]): number {
  return jobs.filter((job) => job.finishedAt !== null).length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 0)} %`;
}
