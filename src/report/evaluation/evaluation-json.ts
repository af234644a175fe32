import type { Estimate } from "./confidence.ts";
import type { EvaluatedPolicy, EvaluationPart, EvaluationResult } from "./evaluation-result.ts";

/** The object that `carm evaluate --json` prints: the demo's shape, with intervals, shares of the limits and a part a zone. */
export function evaluationJson(result: EvaluationResult) {
  const { input, savingVsMeanOfCompetitors, savingVsMeanWithoutMin, savingVsBestCompetitor } = result;
  return {
    ...partJson(result),
    ...withCi("savingVsMeanOfCompetitors", savingVsMeanOfCompetitors),
    ...withCi("savingVsMeanWithoutMin", savingVsMeanWithoutMin),
    ...withCi("savingVsBestCompetitor", savingVsBestCompetitor),
    bestCompetitor: result.bestCompetitor,
    zones: result.zones.map((zone) => ({ zone: zone.name, cases: zone.cases, ...partJson(zone) })),
    input,
  };
}

function partJson({ policies, oracleKgCo2 }: EvaluationPart) {
  return {
    policies: policies.map(policyJson),
    oracle: oracleKgCo2 === null ? null : { kgCo2: oracleKgCo2 },
  };
}

function policyJson(run: EvaluatedPolicy) {
  return {
    policy: run.policy,
    kgCo2: run.kgCo2,
    kwh: run.kwh,
    slaViolationRatio: run.slaViolationRatio,
    deadlineMisses: run.deadlineMisses,
    jobsFinished: run.jobsFinished,
    ppcTraining: run.ppcTraining,
    ppcInference: run.ppcInference,
    ppc: run.ppc,
    clockChanges: run.clockChanges,
    resizes: run.resizes,
    ...withCi("savingVsMax", run.savingVsMax),
    ...withCi("shareOfForesightSaving", run.shareOfForesightSaving),
    ...withCi("shareOfOracleSaving", run.shareOfOracleSaving),
    jobsSubmitted: run.jobsSubmitted,
    requests: run.requests,
    requestsOverTarget: run.requestsOverTarget,
    kgCo2Charged: run.kgCo2Charged,
    keepsPromises: run.brokenPromises.length === 0,
    brokenPromises: run.brokenPromises,
    casesBroken: run.casesBroken,
  };
}

/** The value, and beside it the interval under the same name with `Ci95` behind it. */
function withCi(name: string, estimate: Estimate | null): Record<string, unknown> {
  return { [name]: estimate?.value ?? null, [`${name}Ci95`]: estimate?.ci95 ?? null };
}
