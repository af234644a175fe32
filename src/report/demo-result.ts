import { competitors, maxPolicy, ownPolicy } from "./policy-names.ts";
import { brokenPromises, promisesOf } from "./promises.ts";
import type { DemoResult, PolicyMeasurements, PolicyRun, RunInput } from "./run-result.ts";

/** Share of training in `ppc`; the rest is inference. */
const trainingShare = 0.5;

/** What the runs of several policies over the same input say together. */
export function demoResult(parts: {
  readonly runs: readonly PolicyMeasurements[];
  readonly input: RunInput;
  readonly provenance: readonly string[];
  readonly attribution: readonly string[];
}): DemoResult {
  const max = parts.runs.find((run) => run.policy === maxPolicy);
  const policies = parts.runs.map((run) => policyRun(run, max));
  const best = bestCompetitor(policies);
  return {
    policies,
    savingVsMeanOfCompetitors: savingVsMean(policies),
    savingVsBestCompetitor: best === undefined ? null : savingAgainst(policies, best.policy),
    bestCompetitor: best?.policy ?? null,
    input: parts.input,
    provenance: parts.provenance,
    attribution: parts.attribution,
  };
}

/** 1 − CA-RM's carbon ÷ that of `policy`; null if either was not run or `policy` emitted nothing. */
export function savingAgainst(policies: readonly PolicyRun[], policy: string): number | null {
  const own = policies.find((run) => run.policy === ownPolicy);
  const other = policies.find((run) => run.policy === policy);
  if (own === undefined || other === undefined) return null;
  return saving(own.kgCo2, other.kgCo2);
}

/** Against the mean carbon of the four competitors; null unless all were run. */
function savingVsMean(policies: readonly PolicyRun[]): number | null {
  const own = policies.find((run) => run.policy === ownPolicy);
  const others = runsOfCompetitors(policies);
  if (own === undefined || others === undefined) return null;
  return saving(own.kgCo2, others.reduce((sum, run) => sum + run.kgCo2, 0) / others.length);
}

/** The one of least carbon among the four that kept its promises; undefined unless all were run. */
function bestCompetitor(policies: readonly PolicyRun[]): PolicyRun | undefined {
  return runsOfCompetitors(policies)
    ?.filter((run) => run.brokenPromises.length === 0)
    .sort((a, b) => a.kgCo2 - b.kgCo2)[0];
}

function runsOfCompetitors(policies: readonly PolicyRun[]): PolicyRun[] | undefined {
  const runs = policies.filter((run) => competitors.includes(run.policy));
  return runs.length === competitors.length ? runs : undefined;
}

function saving(own: number, other: number): number | null {
  return other > 0 ? 1 - own / other : null;
}

function policyRun(run: PolicyMeasurements, max: PolicyMeasurements | undefined): PolicyRun {
  const { requests, requestsOverTarget } = requestsOf(run);
  const promises = promisesOf(run);
  const grams = run.kgCo2 * 1000;
  return {
    ...run,
    requests,
    requestsOverTarget,
    slaViolationRatio: requests > 0 ? requestsOverTarget / requests : 0,
    jobsSubmitted: promises.jobsSubmitted,
    jobsFinished: promises.jobsFinished,
    deadlineMisses: promises.deadlineMisses,
    ppcTraining: perGram(run.samples, grams),
    ppcInference: perGram(requests - requestsOverTarget, grams),
    ppc: max === undefined ? null : perGram(relativeWork(run, max), grams),
    brokenPromises: brokenPromises(promises, max && promisesOf(max)),
  };
}

/** Training work and requests within target over MAX's, weighted; MAX itself has 1. */
function relativeWork(run: PolicyMeasurements, max: PolicyMeasurements): number {
  const own = requestsOf(run);
  const reference = requestsOf(max);
  return (
    trainingShare * ratio(run.samples, max.samples) +
    (1 - trainingShare) *
      ratio(own.requests - own.requestsOverTarget, reference.requests - reference.requestsOverTarget)
  );
}

function requestsOf(run: PolicyMeasurements) {
  return {
    requests: run.services.reduce((sum, service) => sum + service.requests, 0),
    requestsOverTarget: run.services.reduce((sum, service) => sum + service.requestsOverTarget, 0),
  };
}

/** Where MAX did nothing there was nothing to do, and all of it was done. */
function ratio(value: number, reference: number): number {
  return reference > 0 ? value / reference : 1;
}

function perGram(amount: number, grams: number): number {
  return grams > 0 ? amount / grams : 0;
}
