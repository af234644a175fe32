import { escapeHtml } from "../../report/index.ts";
import type { ClusterSummary, FleetSummary, JobLine, ServiceLine } from "./fleet-summary.ts";

/** Seconds between two reloads of the page. */
const RELOAD_SECONDS = 5;

/** The read-only page: plain HTML that needs no script, reloads itself, and says nothing by colour alone. */
export function fleetPage({ clusters, deadLetters }: FleetSummary): string {
  const body =
    clusters.length === 0
      ? "<p>No cluster is on the log yet. <code>carm cluster declare</code> adds one.</p>"
      : clusters.map(clusterSection).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${RELOAD_SECONDS}">
<title>CA-RM</title>
<style>${style}</style>
</head>
<body>
<header><h1>CA-RM</h1><p>${deadLetters === 0 ? "No dead letters" : `⚠ ${deadLetters} dead letters: <code>carm dead-letters list</code>`}</p></header>
<main>
${body}
</main>
</body>
</html>
`;
}

function clusterSection(summary: ClusterSummary): string {
  const { cluster, zone, mode, planner, observedAt } = summary;
  const policy = mode === null ? "no policy: shadow" : `${planner ?? ""}, ${mode}`;
  return `<section aria-labelledby="cluster-${escapeHtml(cluster)}">
<h2 id="cluster-${escapeHtml(cluster)}">${escapeHtml(cluster)} <small>${escapeHtml(zone)} · ${escapeHtml(policy)} · ${observedAt === null ? "never heard of" : `as of ${time(observedAt)}`}</small></h2>
<dl>
${facts(summary)
  .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
  .join("\n")}
</dl>
${summary.services.length === 0 ? "" : servicesTable(summary.services)}
${summary.jobs.length === 0 ? "<p>No job waits or runs.</p>" : jobsTable(summary.jobs)}
</section>`;
}

function facts(summary: ClusterSummary): [string, string][] {
  const { gco2PerKwh, kgCo2, provisionalKgCo2, powerWatts, gpus, deadlinesMissed } = summary;
  return [
    ["Grid", gco2PerKwh === null ? "unknown" : `${gco2PerKwh.toFixed(0)} g/kWh`],
    ["Emitted", `${kgCo2.toFixed(2)} kg CO₂ (${provisionalKgCo2.toFixed(2)} provisional)`],
    ["Power", `${(powerWatts / 1000).toFixed(2)} kW`],
    ["GPUs", gpus.lost === 0 ? `${gpus.working} working` : `⚠ ${gpus.working} working, ${gpus.lost} lost`],
    ["Jobs", `${summary.jobs.length} open, ${summary.jobsFinished} finished`],
    ["Deadlines missed", deadlinesMissed === 0 ? "none" : `⚠ ${deadlinesMissed}`],
    ["Decisions not yet applied", String(summary.pendingDecisions)],
    [
      "Somebody else's hand on",
      summary.overriddenTargets === 0 ? "nothing" : `${summary.overriddenTargets} targets`,
    ],
  ];
}

function servicesTable(services: readonly ServiceLine[]): string {
  return table(
    "Services",
    ["Service", "Arrivals / s", "Clock set, MHz", "Clock now, MHz", "Over target", "Why"],
    services.map((line) => [
      line.service,
      line.arrivalsPerSecond.toFixed(1),
      number(line.setpointMhz),
      number(line.actualMhz),
      `${(100 * line.overTargetShare).toFixed(2)} %`,
      line.why,
    ]),
  );
}

function jobsTable(jobs: readonly JobLine[]): string {
  return table(
    "Jobs",
    ["Job", "State", "Workers", "Clock, MHz", "Done", "Expected finish", "Deadline", "g CO₂", "Why"],
    jobs.map((line) => [
      line.job,
      line.state,
      String(line.workers),
      number(line.smClockMhz),
      line.progress === null ? "?" : `${(100 * line.progress).toFixed(0)} %`,
      line.expectedFinishAt === null ? "?" : time(line.expectedFinishAt),
      line.deadlineAt === null ? "none" : `${isLate(line) ? "⚠ " : ""}${time(line.deadlineAt)}`,
      line.gco2.toFixed(0),
      line.why,
    ]),
  );
}

function isLate({ deadlineAt, expectedFinishAt }: JobLine): boolean {
  return deadlineAt !== null && expectedFinishAt !== null && expectedFinishAt > deadlineAt;
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join("")}</tr></thead>
<tbody>${rows
    .map(
      ([first = "", ...cells]) =>
        `<tr><th scope="row">${escapeHtml(first)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`,
    )
    .join("\n")}</tbody></table></div>`;
}

function number(value: number | null): string {
  return value === null ? "hardware" : value.toFixed(0);
}

function time(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace("T", " ")}Z`;
}

const style = `
:root { color-scheme: light dark; --line: #8886; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 78rem; padding: 1rem; }
header { display: flex; gap: 1rem; align-items: baseline; justify-content: space-between; border-bottom: 2px solid var(--line); }
h1 { font-size: 1.3rem; margin: 0; } h2 { font-size: 1.15rem; margin: 1.6rem 0 .6rem; } small { font-weight: normal; font-size: .85em; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .5rem; margin: 0 0 1rem; }
dl div { border: 1px solid var(--line); border-radius: .4rem; padding: .4rem .6rem; } dt { font-size: .8rem; } dd { margin: 0; font-weight: 600; }
.scroll { overflow-x: auto; margin-bottom: 1rem; } .scroll:focus-visible { outline: 2px solid; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; padding: .25rem .6rem; border-top: 1px solid var(--line); vertical-align: top; } thead th { border-top: 0; font-size: .8rem; }
`;
