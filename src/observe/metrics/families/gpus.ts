import type { GpuSample } from "../../../records/index.ts";
import type { ClusterView } from "../../view/cluster-view.ts";
import type { FleetView } from "../../view/fleet-view.ts";
import type { Family, Sample } from "../family.ts";
import { perCluster, seconds } from "./per-cluster.ts";

const HERTZ_PER_MHZ = 1e6;
const labels = ["cluster", "pool"];

/** The boards as they are, by pool; GPU ids are no labels: there are too many. */
export const gpuFamilies: readonly Family<FleetView>[] = [
  {
    name: "carm_gpus",
    help: "GPUs of the latest samples, by pool and by whether they work.",
    type: "gauge",
    labels: [...labels, "healthy"],
    samples: perCluster(function* (cluster) {
      for (const [pool, gpus] of gpusByPool(cluster)) {
        const healthy = gpus.filter((gpu) => gpu.healthy).length;
        yield [{ pool, healthy: "true" }, healthy];
        yield [{ pool, healthy: "false" }, gpus.length - healthy];
      }
    }),
  },
  {
    name: "carm_gpu_power_watts",
    help: "Power of all GPUs of a pool in the latest samples.",
    type: "gauge",
    labels,
    samples: perCluster((cluster) => byPool(cluster, (gpus) => total(gpus, ({ powerWatts }) => powerWatts))),
  },
  {
    name: "carm_gpu_sm_clock_hertz",
    help: "Mean core clock of a pool's GPUs in the latest samples.",
    type: "gauge",
    labels,
    samples: perCluster((cluster) =>
      byPool(
        cluster,
        (gpus) => (HERTZ_PER_MHZ * total(gpus, ({ smClockMhz }) => smClockMhz)) / Math.max(1, gpus.length),
      ),
    ),
  },
  {
    name: "carm_gpu_utilization_ratio",
    help: "Mean share of time that a pool's GPUs were busy, 0 to 1.",
    type: "gauge",
    labels,
    samples: perCluster((cluster) =>
      byPool(cluster, (gpus) => total(gpus, ({ utilization }) => utilization) / Math.max(1, gpus.length)),
    ),
  },
  {
    name: "carm_telemetry_last_timestamp_seconds",
    help: "When the newest sample of any node was taken; a node's own lateness is in carm_nodes_silent.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ nodes }) => {
      const newest = Math.max(...[...nodes.values()].map(({ observedAt }) => observedAt));
      return nodes.size === 0 ? [] : [[{}, seconds(newest)]];
    }),
  },
  {
    name: "carm_nodes_silent",
    help: "Nodes whose newest sample is over three minutes older than the newest of their cluster.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ nodes }) => {
      const times = [...nodes.values()].map(({ observedAt }) => observedAt);
      const newest = Math.max(...times);
      return [[{}, times.filter((at) => newest - at > 180_000).length]];
    }),
  },
];

function gpusByPool({ nodes }: ClusterView): Map<string, GpuSample[]> {
  const pools = new Map<string, GpuSample[]>();
  for (const { pool, gpus } of nodes.values()) pools.set(pool, [...(pools.get(pool) ?? []), ...gpus]);
  return pools;
}

function* byPool(cluster: ClusterView, value: (gpus: readonly GpuSample[]) => number): Iterable<Sample> {
  for (const [pool, gpus] of gpusByPool(cluster)) yield [{ pool }, value(gpus)];
}

function total(gpus: readonly GpuSample[], value: (gpu: GpuSample) => number): number {
  return gpus.reduce((sum, gpu) => sum + value(gpu), 0);
}
