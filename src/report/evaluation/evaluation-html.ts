import { escapeHtml } from "../html/escape.ts";
import { figure, items } from "../html/sections.ts";
import { style } from "../html/style.ts";
import type { EvaluationResult } from "./evaluation-result.ts";
import {
  evaluationLine,
  evaluationVerdict,
  policyTable,
  type TextTable,
  zoneTable,
} from "./evaluation-rows.ts";
import { savingsByZone } from "./savings-by-zone.ts";
import { savingsOfPolicies } from "./savings-of-policies.ts";

/** One HTML page that holds everything it shows: no script, no link to fetch. */
export function evaluationHtml(result: EvaluationResult): string {
  const pictures = [savingsOfPolicies(result), ...(result.zones.length > 1 ? [savingsByZone(result)] : [])];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CA-RM evaluation: ${escapeHtml(result.input.from)} to ${escapeHtml(result.input.to)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>CA-RM against its competitors and its limits</h1>
<p class="subtitle">${escapeHtml(evaluationLine(result))}</p>
</header>
<main>
<ul class="verdict">
${items(evaluationVerdict(result))}
</ul>
<h2>All policies</h2>
${htmlTable(policyTable(result))}
${pictures.map(figure).join("\n")}
<h2>By zone</h2>
${htmlTable(zoneTable(result))}
<h2>How to read it</h2>
${guide}
<h2>Where it comes from</h2>
<ul>
${items(result.input.provenance)}
</ul>
</main>
<footer>
${result.input.attribution.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n")}
</footer>
</body>
</html>
`;
}

function htmlTable({ head, rows }: TextTable): string {
  const cells = head.map((title) => `<th scope="col">${escapeHtml(title)}</th>`).join("");
  const body = rows.map((row) => {
    const names = [row.own ? "own" : "", row.broken ? "broken" : ""].filter(Boolean).join(" ");
    const attribute = names === "" ? "" : ` class="${names}"`;
    const [first, ...rest] = row.cells.map(escapeHtml);
    return `<tr${attribute}><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return `<div class="scroll"><table>
<thead><tr>${cells}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>`;
}

const guide = `
<p>Every policy met the same grid, requests, jobs and faults in each case, on simulated machines that differ from the
profiles by the stated model error. Carbon is the GPUs' energy, idle power included, times the power usage effectiveness, net
of on-site supply, times the intensity of the grid, by the hour; the cost of starts, resizes and clock switches is in.
Work left at the end is charged as MAX would do it, at the run's mean intensity, so that all have done the same work.</p>
<p>A policy marked <strong>!</strong> broke promises over all cases together: more requests over target than the quantile allows, or a
deadline missed or a job left that MAX does not miss or leave. Its carbon is not the one to beat.</p>
<p>The <strong>oracle</strong> is a lower bound: the linear program that knows intensity, arrivals, lengths, rates and the machines
beforehand. <strong>Foresight</strong> is CA-RM's own planner with perfect forecasts. Shares are parts of what these save against MAX.
The 95 % intervals are bootstrapped over start dates.</p>`;
