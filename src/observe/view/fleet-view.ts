import type { TopicName, TopicRecords } from "../../records/index.ts";
import { ClusterView } from "./cluster-view.ts";

/** Topics that a view is made from, read from their beginning: compacted ones, and reports that are kept for days. */
export const historyTopics = [
  "carm.clusters",
  "carm.policies",
  "carm.ledger",
  "carm.jobs",
  "carm.decisions",
  "carm.actuations",
  "carm.forecasts",
  "carm.plans",
  "carm.grid-intensity",
  "carm.dead-letters",
] as const satisfies readonly TopicName[];

/** Topics of which only what comes from now on counts: they are large, and only the present is shown. */
export const liveTopics = ["carm.gpu-telemetry", "carm.request-rate"] as const satisfies readonly TopicName[];

export type ViewTopic = (typeof historyTopics)[number] | (typeof liveTopics)[number];

/** A decoded record of one of these topics. */
export type ViewRecord = {
  [T in ViewTopic]: { readonly topic: T; readonly value: TopicRecords[T] };
}[ViewTopic];

export interface FleetViewOptions {
  /** Told of each decision that an agent has applied, with the seconds that it took. */
  readonly onApplied?: (cluster: string, lagSeconds: number) => void;
}

/** What the log says about every cluster now: a fold of records, without clock and I/O. */
export class FleetView {
  readonly clusters = new Map<string, ClusterView>();
  /** By reason code. */
  readonly deadLetters = new Map<string, number>();
  readonly #onApplied: NonNullable<FleetViewOptions["onApplied"]>;

  constructor(options: FleetViewOptions = {}) {
    this.#onApplied = options.onApplied ?? (() => {});
  }

  take(record: ViewRecord): void {
    if (record.topic === "carm.dead-letters") {
      const { reason } = record.value;
      this.deadLetters.set(reason, (this.deadLetters.get(reason) ?? 0) + 1);
    } else {
      takeIntoCluster(this.#cluster(record.value.cluster), record);
    }
  }

  /** Takes a tombstone of a compacted topic, by the record's key. */
  drop(topic: ViewTopic, key: string): void {
    const [name = "", kind, ...id] = key.split("/");
    const cluster = this.clusters.get(name);
    if (cluster === undefined) return;
    if (topic === "carm.clusters") this.clusters.delete(name);
    else if (topic === "carm.policies") cluster.policy = undefined;
    else if (topic === "carm.jobs" && kind !== undefined) cluster.jobs.delete([kind, ...id].join("/"));
    else if (topic === "carm.decisions" && (kind === "job" || kind === "service")) {
      cluster.dropDecision({ kind, id: id.join("/") });
    }
  }

  #cluster(name: string): ClusterView {
    let cluster = this.clusters.get(name);
    if (cluster === undefined) {
      cluster = new ClusterView(name, (seconds) => this.#onApplied(name, seconds));
      this.clusters.set(name, cluster);
    }
    return cluster;
  }
}

function takeIntoCluster(cluster: ClusterView, record: ViewRecord): void {
  switch (record.topic) {
    case "carm.clusters":
      cluster.declaration = record.value;
      return;
    case "carm.policies":
      cluster.policy = record.value;
      return;
    case "carm.ledger":
      return cluster.ledger.take(record.value);
    case "carm.jobs":
      cluster.jobs.set(record.value.job, record.value);
      return;
    case "carm.decisions":
      return cluster.takeDecision(record.value);
    case "carm.actuations":
      return cluster.actuations.take(record.value);
    case "carm.forecasts":
      return cluster.takeForecast(record.value);
    case "carm.plans":
      return cluster.takePlan(record.value);
    case "carm.grid-intensity":
      return cluster.takeIntensity(record.value);
    case "carm.gpu-telemetry":
      cluster.nodes.set(record.value.node, record.value);
      return;
    case "carm.request-rate":
      return cluster.takeRequests(record.value);
    case "carm.dead-letters":
      return;
  }
}
