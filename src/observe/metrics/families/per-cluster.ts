import type { ClusterView } from "../../view/cluster-view.ts";
import type { FleetView } from "../../view/fleet-view.ts";
import type { Sample } from "../family.ts";

/** Samples of every cluster, each with its name as a label. */
export function perCluster(samples: (cluster: ClusterView) => Iterable<Sample>) {
  return function* (fleet: FleetView): Iterable<Sample> {
    for (const cluster of fleet.clusters.values()) {
      for (const [labels, value] of samples(cluster)) yield [{ cluster: cluster.name, ...labels }, value];
    }
  };
}

/** Epoch milliseconds as Prometheus states time. */
export function seconds(epochMs: number): number {
  return epochMs / 1000;
}
