import type { ClusterView } from "../view/cluster-view.ts";
import type { FleetView } from "../view/fleet-view.ts";

/** What `carm top` and the page show of a cluster. Plain data. */
export interface ClusterSummary {
  readonly cluster: string;
  readonly zone: string;
  /** null before a policy is known. */
  readonly mode: string | null;
  readonly planner: string | null;
  readonly gco2PerKwh: number | null;
  /** Since the beginning of the ledger that the log keeps, provisional hours included. */
  readonly kgCo2: number;
  /** The part of it that a later intensity can still change. */
  readonly provisionalKgCo2: number;
  readonly powerWatts: number;
  readonly gpus: { readonly working: number; readonly lost: number };
  readonly jobs: readonly JobLine[];
  readonly jobsFinished: number;
  readonly deadlinesMissed: number;
  readonly services: readonly ServiceLine[];
  readonly pendingDecisions: number;
  readonly overriddenTargets: number;
  /** Epoch milliseconds of the newest record of any kind that tells the time; null without. */
  readonly observedAt: number | null;
}

export interface JobLine {
  readonly job: string;
  readonly state: string;
  readonly workers: number;
  readonly smClockMhz: number | null;
  /** Share done, 0 to 1; null if the length is unknown. */
  readonly progress: number | null;
  readonly deadlineAt: number | null;
  readonly expectedFinishAt: number | null;
  readonly gco2: number;
  readonly why: string;
}

export interface ServiceLine {
  readonly service: string;
  readonly arrivalsPerSecond: number;
  readonly setpointMhz: number | null;
  readonly actualMhz: number | null;
  /** Share of requests over target since this process began to watch. */
  readonly overTargetShare: number;
  readonly why: string;
}

export interface FleetSummary {
  readonly clusters: readonly ClusterSummary[];
  readonly deadLetters: number;
}

/** A snapshot of a view, clusters and jobs by name. */
export function fleetSummary(fleet: FleetView): FleetSummary {
  const clusters = [...fleet.clusters.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  let deadLetters = 0;
  for (const count of fleet.deadLetters.values()) deadLetters += count;
  return { clusters: clusters.map(clusterSummary), deadLetters };
}

function clusterSummary(cluster: ClusterView): ClusterSummary {
  const { declaration, policy, intensity, ledger, jobs, nodes, actuations } = cluster;
  const final = grams(ledger.final());
  const provisional = grams(ledger.provisional());
  const gpus = [...nodes.values()].flatMap((node) => node.gpus);
  const all = [...jobs.values()];
  const times = [...[...nodes.values()].map((node) => node.observedAt), intensity?.observedAt ?? 0];
  const observedAt = Math.max(...times);
  return {
    cluster: cluster.name,
    zone: declaration?.zone ?? "",
    mode: policy?.mode ?? null,
    planner: policy?.planner ?? null,
    gco2PerKwh: intensity?.gco2PerKwh ?? null,
    kgCo2: (final + provisional) / 1000,
    provisionalKgCo2: provisional / 1000,
    powerWatts: gpus.reduce((sum, gpu) => sum + gpu.powerWatts, 0),
    gpus: {
      working: gpus.filter((gpu) => gpu.healthy).length,
      lost: gpus.filter((gpu) => !gpu.healthy).length,
    },
    jobs: all
      .filter(({ finishedAt }) => finishedAt === null)
      .sort((a, b) => (a.job < b.job ? -1 : 1))
      .map(({ samples, samplesDone, ...job }) => ({
        job: job.job,
        state: job.state,
        workers: job.workers,
        smClockMhz: job.smClockMhz,
        progress: samples === null ? null : Math.min(1, samplesDone / samples),
        deadlineAt: job.deadlineAt,
        expectedFinishAt: job.expectedFinishAt,
        gco2: job.gco2,
        why: job.why,
      })),
    jobsFinished: all.filter(({ state }) => state === "finished").length,
    deadlinesMissed: all.filter(({ deadlineMissed }) => deadlineMissed).length,
    services: [...cluster.services.keys()].sort().map((service) => serviceLine(cluster, service)),
    pendingDecisions: actuations.pending,
    overriddenTargets: actuations.overridden.size,
    observedAt: observedAt > 0 ? observedAt : null,
  };
}

function serviceLine(cluster: ClusterView, service: string): ServiceLine {
  const load = cluster.services.get(service);
  const decision = cluster.decisions.get(`service/${service}`);
  const clocks = [...cluster.nodes.values()]
    .flatMap((node) => node.gpus)
    .filter((gpu) => gpu.tenants.some((tenant) => tenant.kind === "service" && tenant.id === service))
    .map((gpu) => gpu.smClockMhz);
  return {
    service,
    arrivalsPerSecond: load === undefined ? 0 : (1000 * load.latest.arrivals) / load.latest.durationMs,
    setpointMhz: decision?.smClockMhz ?? null,
    actualMhz: clocks.length === 0 ? null : clocks.reduce((sum, mhz) => sum + mhz, 0) / clocks.length,
    overTargetShare: load === undefined ? 0 : load.requestsOverTarget / Math.max(1, load.requests),
    why: decision?.reason.code ?? "",
  };
}

function grams(groups: ReadonlyMap<string, { readonly gco2: number }>): number {
  let sum = 0;
  for (const { gco2 } of groups.values()) sum += gco2;
  return sum;
}
