import Table from "cli-table3";
import type { ClusterSummary, FleetSummary } from "../../observe/index.ts";
import { utc } from "../runtime/print.ts";

/** One screen of `carm top`: plain text. */
export function topScreen({ clusters, deadLetters }: FleetSummary): string {
  if (clusters.length === 0) return "No cluster is on the log yet: carm cluster declare adds one.\n";
  const warning = deadLetters === 0 ? "" : `! ${deadLetters} dead letters: carm dead-letters list\n`;
  return `${warning}${clusters.map(clusterScreen).join("\n")}`;
}

function clusterScreen(cluster: ClusterSummary): string {
  const { gpus, gco2PerKwh, kgCo2, provisionalKgCo2, powerWatts, jobs, jobsFinished, deadlinesMissed } =
    cluster;
  const facts = [
    `${cluster.cluster} (${cluster.zone})`,
    cluster.mode === null ? "no policy: shadow" : `${cluster.planner}, ${cluster.mode}`,
    gco2PerKwh === null ? "grid unknown" : `${gco2PerKwh.toFixed(0)} g/kWh`,
    `${(powerWatts / 1000).toFixed(2)} kW`,
    `${kgCo2.toFixed(2)} kg CO2 (${provisionalKgCo2.toFixed(2)} provisional)`,
    `${gpus.working} GPUs${gpus.lost === 0 ? "" : `, ! ${gpus.lost} lost`}`,
    `${jobs.length} jobs open, ${jobsFinished} finished`,
    ...(deadlinesMissed === 0 ? [] : [`! ${deadlinesMissed} deadlines missed`]),
    ...(cluster.pendingDecisions === 0 ? [] : [`${cluster.pendingDecisions} decisions not yet applied`]),
    ...(cluster.overriddenTargets === 0
      ? []
      : [`! somebody else's hand on ${cluster.overriddenTargets} targets`]),
    `as of ${utc(cluster.observedAt)}`,
  ];
  return `${facts.join(" | ")}\n${services(cluster)}${openJobs(cluster)}`;
}

function services({ services }: ClusterSummary): string {
  if (services.length === 0) return "";
  return table(
    ["service", "arrivals/s", "set MHz", "now MHz", "over target", "why"],
    services.map((line) => [
      line.service,
      line.arrivalsPerSecond.toFixed(1),
      clock(line.setpointMhz),
      clock(line.actualMhz),
      `${(100 * line.overTargetShare).toFixed(2)} %`,
      line.why,
    ]),
  );
}

function openJobs({ jobs }: ClusterSummary): string {
  if (jobs.length === 0) return "";
  return table(
    ["job", "state", "workers", "MHz", "done", "finish", "deadline", "g CO2", "why"],
    jobs.map((line) => [
      line.job,
      line.state,
      String(line.workers),
      clock(line.smClockMhz),
      line.progress === null ? "?" : `${(100 * line.progress).toFixed(0)} %`,
      utc(line.expectedFinishAt),
      `${line.expectedFinishAt !== null && line.deadlineAt !== null && line.expectedFinishAt > line.deadlineAt ? "! " : ""}${utc(line.deadlineAt)}`,
      line.gco2.toFixed(0),
      line.why,
    ]),
  );
}

function clock(mhz: number | null): string {
  return mhz === null ? "–" : mhz.toFixed(0);
}

function table(head: string[], rows: string[][]): string {
  const drawn = new Table({
    head,
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  drawn.push(...rows);
  return `${drawn.toString()}\n`;
}

const noBorders = Object.fromEntries(
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle"
    .split(" ")
    .map((name) => [name, ""]),
);
