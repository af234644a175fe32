import { compact, number, percent } from "../numbers.ts";
import { competitors, ownPolicy, policyTitle } from "../policy-names.ts";
import type { Estimate } from "./confidence.ts";
import type { EvaluatedPolicy, EvaluationPart, EvaluationResult } from "./evaluation-result.ts";

/** The tables of an evaluation as text, for a terminal and for a page alike. */
export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly TextRow[];
}

export interface TextRow {
  readonly cells: readonly string[];
  readonly own: boolean;
  readonly broken: boolean;
}

/** A row a policy, by rising carbon. */
export function policyTable(part: EvaluationPart): TextTable {
  const byCarbon = part.policies.toSorted((a, b) => a.kgCo2 - b.kgCo2);
  return {
    head: [
      "",
      "kg CO2",
      "kWh",
      "saves vs MAX",
      "95 %",
      "of foresight's",
      "of the oracle's",
      "over target",
      "late jobs",
      "cases broken",
      "PPC",
      "clock changes",
      "resizes",
    ],
    rows: [
      ...byCarbon.map((run) => ({
        own: run.policy === ownPolicy,
        broken: run.brokenPromises.length > 0,
        cells: policyCells(run, part),
      })),
      ...(part.oracleKgCo2 === null ? [] : [oracleRow(part, part.oracleKgCo2)]),
    ],
  };
}

function policyCells(run: EvaluatedPolicy, part: EvaluationPart): string[] {
  const maxPpc = part.policies.find(({ policy }) => policy === "max")?.ppc ?? null;
  return [
    run.brokenPromises.length > 0 ? `${policyTitle(run.policy)} !` : policyTitle(run.policy),
    number(run.kgCo2),
    number(run.kwh),
    percent(run.savingVsMax?.value ?? null),
    interval(run.savingVsMax),
    percent(run.shareOfForesightSaving?.value ?? null, 0),
    percent(run.shareOfOracleSaving?.value ?? null, 0),
    percent(run.slaViolationRatio, 2),
    `${run.deadlineMisses} of ${run.jobsSubmitted}`,
    `${run.casesBroken} of ${part.cases}`,
    run.ppc === null || maxPpc === null || maxPpc === 0 ? "–" : (run.ppc / maxPpc).toFixed(2),
    compact(run.clockChanges),
    compact(run.resizes),
  ];
}

function oracleRow(part: EvaluationPart, kgCo2: number): TextRow {
  const max = part.policies.find(({ policy }) => policy === "max");
  const saving = max === undefined ? null : 1 - kgCo2 / max.kgCo2;
  const cells = [
    "Oracle (bound)",
    number(kgCo2),
    "",
    percent(saving),
    "",
    "",
    "100 %",
    "",
    "",
    "",
    "",
    "",
    "",
  ];
  return { own: false, broken: false, cells };
}

/** A row a zone: what each policy saves against MAX there. */
export function zoneTable(result: EvaluationResult): TextTable {
  const policies = result.policies.filter(({ policy }) => policy !== "max");
  const hasOracle = result.oracleKgCo2 !== null;
  return {
    head: [
      "saves vs MAX",
      ...policies.map(({ policy }) => policyTitle(policy)),
      ...(hasOracle ? ["Oracle", "CA-RM of it"] : []),
    ],
    rows: result.zones.map((zone) => {
      const savings = policies.map(({ policy }) => savingIn(zone, policy));
      const max = zone.policies.find(({ policy }) => policy === "max");
      const bound = max === undefined || zone.oracleKgCo2 === null ? null : 1 - zone.oracleKgCo2 / max.kgCo2;
      const share = zone.policies.find(({ policy }) => policy === ownPolicy)?.shareOfOracleSaving?.value;
      const limits = hasOracle ? [percent(bound), percent(share ?? null, 0)] : [];
      return {
        own: false,
        broken: false,
        cells: [zone.name, ...savings.map((one) => percent(one)), ...limits],
      };
    }),
  };
}

function savingIn(zone: EvaluationPart, policy: string): number | null {
  return zone.policies.find((run) => run.policy === policy)?.savingVsMax?.value ?? null;
}

function interval(estimate: Estimate | null): string {
  if (estimate === null || estimate.ci95[0] === estimate.ci95[1]) return "–";
  return `${percent(estimate.ci95[0])} … ${percent(estimate.ci95[1])}`;
}

/** What the tables say, in sentences. */
export function evaluationVerdict(result: EvaluationResult): string[] {
  const lines: string[] = [];
  const say = (estimate: Estimate | null, than: string) => {
    if (estimate === null) return;
    const { value } = estimate;
    const words = value >= 0 ? `${percent(value)} less CO2` : `${percent(-value)} MORE CO2`;
    const ci = interval(estimate);
    lines.push(`CA-RM emits ${words} than ${than}${ci === "–" ? "" : ` (95 %: ${ci})`}.`);
  };
  say(result.savingVsMeanOfCompetitors, `the mean of ${competitors.map(policyTitle).join(", ")}`);
  say(result.savingVsMeanWithoutMin, "the mean of those without MIN");
  if (result.bestCompetitor !== null) {
    const best = policyTitle(result.bestCompetitor);
    say(result.savingVsBestCompetitor, `${best}, the best of the four that keeps its promises`);
  }
  for (const run of result.policies) {
    const broken = run.brokenPromises.join("; ");
    if (broken !== "") lines.push(`${policyTitle(run.policy)} breaks its promises: ${broken}.`);
    if (run.kgCo2Charged > 0.001 * run.kgCo2) {
      const charged = number(run.kgCo2Charged);
      lines.push(
        `${policyTitle(run.policy)}: ${charged} kg are for work that it left undone, done as MAX does it.`,
      );
    }
  }
  return lines;
}

/** What was evaluated, in one line that names its modes. */
export function evaluationLine({ input }: EvaluationResult): string {
  const zones = input.zones.length > 4 ? `${input.zones.length} zones` : input.zones.join(", ");
  return (
    `${zones}; ${input.starts.length} starts from ${input.from} to ${input.to}, ${input.days} days each (set-up ${input.setup}); ` +
    `${input.gpus} × ${input.gpuModel}, load ${input.loads.join(", ")}, slack ${input.slacks.join(", ")}, seed ${input.seeds.join(", ")}; ` +
    `${input.jobs} jobs in ${input.cases} cases; model error ${input.modelError}; ` +
    `${input.onSite === null ? "no on-site supply" : `on-site ${input.onSite}`}` +
    `${input.traces === "typical" ? "; typical days, not a recording" : ""}`
  );
}
