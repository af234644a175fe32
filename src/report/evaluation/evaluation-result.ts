import { competitors, maxPolicy, ownPolicy } from "../policy-names.ts";
import { brokenPromises } from "../promises.ts";
import { type Amounts, type Estimate, estimate } from "./confidence.ts";
import type { EvaluatedCase, EvaluatedRun } from "./evaluated-run.ts";
import {
  competitorsWithoutMin,
  oracleKey,
  savingVs,
  savingVsMean,
  shareOfForesight,
  shareOfOracle,
} from "./savings.ts";
import { requestsOf, sumOf } from "./sums.ts";

/** What was run over what. */
export interface EvaluationInput {
  readonly setup: string;
  readonly zones: readonly string[];
  /** ISO 8601 dates, UTC, both inclusive. */
  readonly from: string;
  readonly to: string;
  readonly starts: readonly string[];
  readonly days: number;
  readonly gpus: number;
  readonly gpuModel: string;
  readonly loads: readonly string[];
  readonly slacks: readonly number[];
  readonly seeds: readonly number[];
  readonly modelError: number;
  /** As `--on-site` takes it; null without. */
  readonly onSite: string | null;
  readonly traces: "recorded" | "typical";
  /** Scenarios, each met by every policy. */
  readonly cases: number;
  readonly services: number;
  readonly jobs: number;
  readonly provenance: readonly string[];
  readonly attribution: readonly string[];
}

/** One policy over all cases. Ratios are over the sums. */
export interface EvaluatedPolicy extends EvaluatedRun {
  readonly policy: string;
  readonly requests: number;
  readonly requestsOverTarget: number;
  readonly slaViolationRatio: number;
  /** Useful samples, and requests within target, a gram. */
  readonly ppcTraining: number;
  readonly ppcInference: number;
  /** Work relative to MAX's, training and inference equally weighted, a gram; null without MAX. */
  readonly ppc: number | null;
  /** Over the sums, in words; empty if it kept all. */
  readonly brokenPromises: readonly string[];
  /** Cases in which it broke a promise. */
  readonly casesBroken: number;
  readonly savingVsMax: Estimate | null;
  readonly shareOfForesightSaving: Estimate | null;
  readonly shareOfOracleSaving: Estimate | null;
}

/** The same figures over a part of the cases, for tables. */
export interface EvaluationPart {
  readonly name: string;
  readonly cases: number;
  readonly policies: readonly EvaluatedPolicy[];
  readonly oracleKgCo2: number | null;
}

export interface EvaluationResult extends EvaluationPart {
  readonly input: EvaluationInput;
  readonly savingVsMeanOfCompetitors: Estimate | null;
  readonly savingVsMeanWithoutMin: Estimate | null;
  /** The one of the four of least carbon that keeps its promises, and CA-RM against it. */
  readonly bestCompetitor: string | null;
  readonly savingVsBestCompetitor: Estimate | null;
  readonly zones: readonly EvaluationPart[];
}

export function evaluationResult(
  cases: readonly EvaluatedCase[],
  policies: readonly string[],
  input: EvaluationInput,
): EvaluationResult {
  const whole = partOf("all", cases, policies);
  const groups = groupsOf(cases);
  const best = bestCompetitor(whole.policies);
  return {
    ...whole,
    input,
    savingVsMeanOfCompetitors: estimate(groups, savingVsMean(competitors)),
    savingVsMeanWithoutMin: estimate(groups, savingVsMean(competitorsWithoutMin)),
    bestCompetitor: best?.policy ?? null,
    savingVsBestCompetitor: best === undefined ? null : estimate(groups, savingVs(ownPolicy, best.policy)),
    zones: input.zones.map((zone) =>
      partOf(
        zone,
        cases.filter((one) => one.zone === zone),
        policies,
      ),
    ),
  };
}

function partOf(name: string, cases: readonly EvaluatedCase[], policies: readonly string[]): EvaluationPart {
  const groups = groupsOf(cases);
  const sums = new Map(policies.map((policy) => [policy, sumOf(cases.map((one) => one.runs.get(policy)!))]));
  const complete = cases.length > 0 && cases.every((one) => one.oracleKgCo2 !== null);
  return {
    name,
    cases: cases.length,
    policies: policies.map((policy) => policyOver(policy, cases, sums, groups)),
    oracleKgCo2: complete ? cases.reduce((sum, one) => sum + one.oracleKgCo2!, 0) : null,
  };
}

/** kg CO2 of every policy and the oracle, added up by start date. */
function groupsOf(cases: readonly EvaluatedCase[]): Amounts[] {
  return [...Map.groupBy(cases, (one) => one.startsAt).values()].map((together) => {
    const sums = new Map<string, number>();
    const add = (name: string, kg: number) => sums.set(name, (sums.get(name) ?? 0) + kg);
    for (const { runs, oracleKgCo2 } of together) {
      for (const [policy, run] of runs) add(policy, run.kgCo2);
      if (oracleKgCo2 !== null) add(oracleKey, oracleKgCo2);
    }
    return sums;
  });
}

function policyOver(
  policy: string,
  cases: readonly EvaluatedCase[],
  sums: ReadonlyMap<string, EvaluatedRun>,
  groups: readonly Amounts[],
): EvaluatedPolicy {
  const sum = sums.get(policy)!;
  const max = sums.get(maxPolicy);
  const { requests, requestsOverTarget } = requestsOf(sum);
  const grams = sum.kgCo2 * 1000;
  const perGram = (amount: number) => (grams > 0 ? amount / grams : 0);
  const broken = cases.filter(
    ({ runs }) => brokenPromises(runs.get(policy)!, runs.get(maxPolicy)).length > 0,
  );
  return {
    ...sum,
    policy,
    requests,
    requestsOverTarget,
    slaViolationRatio: requests > 0 ? requestsOverTarget / requests : 0,
    ppcTraining: perGram(sum.samples),
    ppcInference: perGram(requests - requestsOverTarget),
    ppc: max === undefined ? null : perGram(relativeWork(sum, max)),
    brokenPromises: brokenPromises(sum, max),
    casesBroken: broken.length,
    savingVsMax: estimate(groups, savingVs(policy, maxPolicy)),
    shareOfForesightSaving: estimate(groups, shareOfForesight(policy)),
    shareOfOracleSaving: estimate(groups, shareOfOracle(policy)),
  };
}

/** Training work and requests within target over MAX's, equally weighted; what MAX did not do counts as all done. */
function relativeWork(run: EvaluatedRun, max: EvaluatedRun): number {
  const within = (of: EvaluatedRun) => requestsOf(of).requests - requestsOf(of).requestsOverTarget;
  const ratio = (own: number, reference: number) => (reference > 0 ? own / reference : 1);
  return 0.5 * ratio(run.samples, max.samples) + 0.5 * ratio(within(run), within(max));
}

function bestCompetitor(policies: readonly EvaluatedPolicy[]): EvaluatedPolicy | undefined {
  const four = policies.filter(({ policy }) => competitors.includes(policy));
  if (four.length < competitors.length) return undefined;
  return four
    .filter((run) => run.brokenPromises.length === 0)
    .reduce<EvaluatedPolicy | undefined>(
      (best, run) => (best === undefined || run.kgCo2 < best.kgCo2 ? run : best),
      undefined,
    );
}
