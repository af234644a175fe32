import { histogramQuantileMs } from "../../../records/index.ts";
import type { FleetView } from "../../view/fleet-view.ts";
import type { Family } from "../family.ts";
import { perCluster } from "./per-cluster.ts";

const labels = ["cluster", "service"];
const quantiles = [0.5, 0.99];

/** How services did, from their windows: live, an hour before the ledger states it. */
export const serviceFamilies: readonly Family<FleetView>[] = [
  {
    name: "carm_service_requests_total",
    help: "Requests completed since this process began to watch.",
    type: "counter",
    labels,
    samples: perCluster(function* ({ services }) {
      for (const [service, { requests }] of services) yield [{ service }, requests];
    }),
  },
  {
    name: "carm_service_requests_over_target_total",
    help: "Requests that took longer than the service's latency target, since this process began to watch.",
    type: "counter",
    labels,
    samples: perCluster(function* ({ services }) {
      for (const [service, { requestsOverTarget }] of services) yield [{ service }, requestsOverTarget];
    }),
  },
  {
    name: "carm_service_queue_depth",
    help: "Requests waiting at the end of the latest window.",
    type: "gauge",
    labels,
    samples: perCluster(function* ({ services }) {
      for (const [service, { latest }] of services) yield [{ service }, latest.queueDepth];
    }),
  },
  {
    name: "carm_service_arrivals_per_second",
    help: "Mean arrival rate of the latest window.",
    type: "gauge",
    labels,
    samples: perCluster(function* ({ services }) {
      for (const [service, { latest }] of services) {
        yield [{ service }, (1000 * latest.arrivals) / latest.durationMs];
      }
    }),
  },
  {
    name: "carm_service_latency_seconds",
    help: "Latency quantiles of the latest window with completions.",
    type: "gauge",
    labels: [...labels, "level"],
    samples: perCluster(function* ({ services }) {
      for (const [service, { latest }] of services) {
        for (const quantile of quantiles) {
          const latencyMs = histogramQuantileMs(latest.latencyCounts, quantile);
          if (latencyMs !== null) yield [{ service, level: String(quantile) }, latencyMs / 1000];
        }
      }
    }),
  },
];
