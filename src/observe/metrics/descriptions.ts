import { fleetFamilies } from "./fleet-metrics.ts";
import { streamFamilies } from "./stream-metrics.ts";

export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** Every metric by where it comes from, for the reference. */
export const metricDescriptions: readonly { source: string; metrics: readonly MetricDescription[] }[] = [
  { source: "Clusters, read off the log (`carm observe`)", metrics: fleetFamilies },
  { source: "Stream runtime (`carm processor`)", metrics: streamFamilies },
];
