import { inputLine } from "./comparison.ts";
import { escapeHtml } from "./html/escape.ts";
import {
  comparisonTable,
  figure,
  inputList,
  items,
  readingGuide,
  tiles,
  verdictList,
} from "./html/sections.ts";
import { style } from "./html/style.ts";
import { cumulativeCarbon } from "./pictures/cumulative-carbon.ts";
import type { Picture } from "./pictures/draw.ts";
import { forecastAgainstActual } from "./pictures/forecast.ts";
import { intensityAndClocks } from "./pictures/intensity-and-clocks.ts";
import { jobTimelines } from "./pictures/job-timelines.ts";
import { latencyAgainstTarget } from "./pictures/latency.ts";
import { maxPolicy, ownPolicy, policyTitle } from "./policy-names.ts";
import type { DemoResult, PolicyRun } from "./run-result.ts";

/**
 * One HTML page that holds everything it shows: no script, no link to fetch. The pictures over time are of CA-RM, or
 * of the first policy if CA-RM was not run.
 */
export function htmlReport(result: DemoResult): string {
  const shown = result.policies.find((run) => run.policy === ownPolicy) ?? result.policies[0];
  const notice =
    result.input.traces === "typical"
      ? '<p class="notice"><strong>A typical day, not a recording.</strong> Intensity, requests and job sizes come from ' +
        "tables of means with seeded variability.</p>"
      : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CA-RM report: ${escapeHtml(result.input.zone)}, ${escapeHtml(result.input.start.slice(0, 10))}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>What CA-RM saves</h1>
<p class="subtitle">${escapeHtml(inputLine(result))}</p>
${notice}
</header>
<main>
${tiles(result)}
${verdictList(result)}
<h2>All policies</h2>
${comparisonTable(result)}
<h2>Over time${shown === undefined ? "" : `, under ${escapeHtml(policyTitle(shown.policy))}`}</h2>
${shown === undefined ? "" : pictures(result, shown).map(figure).join("\n")}
<h2>How to read it</h2>
${readingGuide}
<h2>Input</h2>
${inputList(result)}
<h2>Where it comes from</h2>
<ul>
${items(result.provenance)}
</ul>
</main>
<footer>
${result.attribution.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n")}
</footer>
</body>
</html>
`;
}

function pictures(result: DemoResult, shown: PolicyRun): Picture[] {
  const max = result.policies.find((run) => run.policy === maxPolicy);
  return [
    cumulativeCarbon(result.policies),
    intensityAndClocks(shown),
    ...(shown.jobs.length > 0 ? [jobTimelines(shown)] : []),
    ...(shown.services.length > 0 ? [latencyAgainstTarget(shown, max)] : []),
    ...(shown.dayAhead === null ? [] : [forecastAgainstActual(shown.intensity, shown.dayAhead)]),
  ];
}
