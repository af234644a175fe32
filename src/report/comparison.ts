import { savingAgainst } from "./demo-result.ts";
import { compact, number, percent } from "./numbers.ts";
import { maxPolicy, ownPolicy, policyTitle } from "./policy-names.ts";
import type { DemoResult, PolicyRun } from "./run-result.ts";

/** The table of policies as text: a column a policy, a row a figure. */
export interface Comparison {
  readonly columns: readonly ComparisonColumn[];
  readonly rows: readonly ComparisonRow[];
}

export interface ComparisonColumn {
  readonly title: string;
  readonly own: boolean;
  readonly keepsPromises: boolean;
}

export interface ComparisonRow {
  readonly label: string;
  readonly cells: readonly string[];
}

export function comparison(result: DemoResult): Comparison {
  const runs = result.policies;
  const row = (label: string, cell: (run: PolicyRun) => string): ComparisonRow => ({
    label,
    cells: runs.map(cell),
  });
  const maxPpc = runs.find((run) => run.policy === maxPolicy)?.ppc ?? null;
  return {
    columns: runs.map((run) => ({
      title: policyTitle(run.policy),
      own: run.policy === ownPolicy,
      keepsPromises: run.brokenPromises.length === 0,
    })),
    rows: [
      row("kg CO2", (run) => number(run.kgCo2)),
      row("kWh", (run) => number(run.kwh)),
      row("CA-RM saves against it", (run) =>
        run.policy === ownPolicy ? "" : percent(savingAgainst(runs, run.policy)),
      ),
      row("Requests over target", (run) => percent(run.slaViolationRatio, 2)),
      row("Deadlines missed", (run) => String(run.deadlineMisses)),
      row("Jobs finished", (run) => `${run.jobsFinished} of ${run.jobsSubmitted}`),
      row("Keeps its promises", (run) => (run.brokenPromises.length === 0 ? "yes" : "NO")),
      row("PPC training, samples/g", (run) => compact(run.ppcTraining)),
      row("PPC inference, requests/g", (run) => compact(run.ppcInference)),
      row("PPC, MAX = 1", (run) =>
        run.ppc === null || maxPpc === null || maxPpc === 0 ? "–" : (run.ppc / maxPpc).toFixed(2),
      ),
      row("Clock changes", (run) => compact(run.clockChanges)),
      row("Resizes", (run) => compact(run.resizes)),
    ],
  };
}

/** The two savings in one sentence each, and who broke what. Lines without the runs they need are left out. */
export function verdict(result: DemoResult): string[] {
  const lines: string[] = [];
  if (result.savingVsMeanOfCompetitors !== null) {
    lines.push(
      `${carbonOf(result.savingVsMeanOfCompetitors)} than the mean of MAX, MIN, PowerCap and EnergyCost.`,
    );
  }
  if (result.savingVsBestCompetitor !== null && result.bestCompetitor !== null) {
    lines.push(
      `${carbonOf(result.savingVsBestCompetitor)} than ${policyTitle(result.bestCompetitor)}, ` +
        "the best of them that keeps its promises.",
    );
  }
  for (const run of result.policies) {
    if (run.brokenPromises.length > 0) {
      lines.push(`${policyTitle(run.policy)} breaks its promises: ${run.brokenPromises.join("; ")}.`);
    }
  }
  return lines;
}

function carbonOf(saving: number): string {
  return saving >= 0 ? `CA-RM emits ${percent(saving)} less CO2` : `CA-RM emits ${percent(-saving)} MORE CO2`;
}

/** What was replayed, in one line. */
export function inputLine(result: DemoResult): string {
  const { input } = result;
  const onSite = input.onSite === null ? "" : `, on-site ${input.onSite}`;
  const typical = input.traces === "typical" ? "; typical days, not a recording" : "";
  return (
    `${input.zone} from ${input.start.slice(0, 10)}, ${input.days} days, ${input.gpus} × ${input.gpuModel}, ` +
    `${input.services} services at ${input.load} load, ${input.jobs} jobs with slack ${input.slack}${onSite}, ` +
    `seed ${input.seed}, model error ${input.modelError}${typical}`
  );
}
