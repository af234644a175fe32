import { comparison, verdict } from "../comparison.ts";
import { percent } from "../numbers.ts";
import type { Picture } from "../pictures/draw.ts";
import { ownPolicy, policyTitle } from "../policy-names.ts";
import type { DemoResult } from "../run-result.ts";
import { escapeHtml } from "./escape.ts";

/** The figures that a reader looks for first. */
export function tiles(result: DemoResult): string {
  const own = result.policies.find((run) => run.policy === ownPolicy);
  const best = policyTitle(result.bestCompetitor ?? "");
  const all = [
    ...savingTile(result.savingVsMeanOfCompetitors, "the mean of MAX, MIN, PowerCap, EnergyCost"),
    ...savingTile(result.savingVsBestCompetitor, `the best of them that keeps its promises (${best})`),
  ];
  if (own !== undefined) {
    all.push(
      tile(percent(own.slaViolationRatio, 2), "of CA-RM's requests over their latency target"),
      tile(`${own.deadlineMisses} of ${own.jobsSubmitted}`, "of CA-RM's jobs missed their deadline"),
    );
  }
  return `<ul class="tiles">\n${all.join("\n")}\n</ul>`;
}

/** Nothing for a saving that can't be stated. */
function savingTile(saving: number | null, than: string): string[] {
  if (saving === null) return [];
  return [tile(percent(Math.abs(saving)), `${saving >= 0 ? "less" : "MORE"} CO2 than ${than}`)];
}

function tile(figure: string, words: string): string {
  return `<li><strong>${escapeHtml(figure)}</strong><span>${escapeHtml(words)}</span></li>`;
}

export function verdictList(result: DemoResult): string {
  const lines = verdict(result);
  if (result.savingVsMeanOfCompetitors === null) {
    lines.unshift("Savings against competitors are stated when CA-RM and all four of them are run.");
  }
  return `<ul class="verdict">\n${items(lines)}\n</ul>`;
}

/** The comparison as a table; a policy that broke a promise is marked in words as well as by colour. */
export function comparisonTable(result: DemoResult): string {
  const { columns, rows } = comparison(result);
  const classes = columns.map((column) =>
    [column.own ? "own" : "", column.keepsPromises ? "" : "broken"].filter(Boolean).join(" "),
  );
  const attribute = (i: number) => (classes[i] === "" ? "" : ` class="${classes[i]}"`);
  const head = columns.map((column, i) => {
    const mark = column.keepsPromises ? "" : "<br><small>breaks promises</small>";
    return `<th scope="col"${attribute(i)}>${escapeHtml(column.title)}${mark}</th>`;
  });
  const body = rows.map((row) => {
    const cells = row.cells.map((cell, i) => `<td${attribute(i)}>${escapeHtml(cell)}</td>`);
    return `<tr><th scope="row">${escapeHtml(row.label)}</th>${cells.join("")}</tr>`;
  });
  return `<div class="scroll"><table>
<thead><tr><td></td>${head.join("")}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>`;
}

export function figure(picture: Picture): string {
  return `<figure><h3>${escapeHtml(picture.title)}</h3>
<div class="scroll">${picture.svg}</div>
<figcaption>${escapeHtml(picture.caption)}</figcaption></figure>`;
}

export function inputList(result: DemoResult): string {
  const { input } = result;
  const entries: [string, string][] = [
    ["Zone", input.zone],
    ["From", `${input.start}, ${input.days} days`],
    ["GPUs", `${input.gpus} × ${input.gpuModel}`],
    ["Services", `${input.services}, ${input.load} load`],
    ["Jobs", `${input.jobs}, deadline = submission + ${input.slack} × duration`],
    ["On-site supply", input.onSite ?? "none"],
    ["Seed, model error", `${input.seed}, ${input.modelError}`],
    ["Input", input.traces === "recorded" ? "recordings" : "typical days, not a recording"],
  ];
  const rows = entries.map(([term, value]) => `<dt>${term}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<dl>\n${rows.join("\n")}\n</dl>`;
}

export function items(lines: readonly string[]): string {
  return lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("\n");
}

/** How to read the page: fixed words. */
export const readingGuide = `
<p>Each policy ran over the same grid, requests and jobs, on a simulated cluster that answers with telemetry as a real
one would. All figures are of that simulation: they are estimates, not measurements.</p>
<p><strong>Carbon</strong> is the GPUs' energy, idle power included, times the power usage effectiveness, net of on-site
supply, times the intensity of the grid. A <strong>saving</strong> is the share of the other policy's carbon that CA-RM
does not emit; a dash means that the runs it needs were not made.</p>
<p>A policy <strong>keeps its promises</strong> if each service keeps its latency quantile, no deadline is missed and every
job finishes, or, where MAX does worse than that, if it does no worse than MAX. Carbon saved by breaking promises is
no saving, so such a policy is not the one to beat.</p>
<p><strong>PPC</strong> is performance per carbon: useful training samples, or requests within target, per gram. Its last
row weighs both equally, with MAX as 1.</p>`;
