import type { DemoResult } from "./run-result.ts";

/** The object that `--json` prints. Ratios and savings are fractions; the PPCs are a gram of CO2. */
export function jsonOutput(result: DemoResult) {
  return {
    policies: result.policies.map((run) => ({
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
    })),
    savingVsMeanOfCompetitors: result.savingVsMeanOfCompetitors,
    savingVsBestCompetitor: result.savingVsBestCompetitor,
    input: { ...result.input, provenance: result.provenance, attribution: result.attribution },
  };
}
