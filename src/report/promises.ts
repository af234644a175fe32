import type { JobRun, PolicyMeasurements, ServiceRun } from "./run-result.ts";

/**
 * The promises that `run` broke, in words; empty if it kept them. The rule: of each service, no larger share of
 * requests over the target than its quantile allows; no more deadlines missed than none; every job finished. Where MAX
 * itself does worse than that, the promise is to do no worse than MAX. `max` is undefined if MAX was not run.
 */
export function brokenPromises(run: PolicyMeasurements, max: PolicyMeasurements | undefined): string[] {
  const broken = run.services.flatMap((service) => {
    const reference = max?.services.find((other) => other.service === service.service);
    const allowed = Math.max(1 - service.latencyQuantile, reference ? overTargetShare(reference) : 0);
    const share = overTargetShare(service);
    // The quantile is a decimal fraction, so 1 − 0.99 is not exactly 0.01.
    return share <= allowed + 1e-9
      ? []
      : [`${service.service}: ${percent(share)} of requests over the target`];
  });
  const misses = missedDeadlines(run.jobs);
  if (misses > (max ? missedDeadlines(max.jobs) : 0)) {
    broken.push(misses === 1 ? "1 deadline missed" : `${misses} deadlines missed`);
  }
  const unfinished = run.jobs.length - finishedJobs(run.jobs);
  if (unfinished > (max ? max.jobs.length - finishedJobs(max.jobs) : 0)) {
    broken.push(unfinished === 1 ? "1 job not finished" : `${unfinished} jobs not finished`);
  }
  return broken;
}

export function overTargetShare(service: ServiceRun): number {
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
