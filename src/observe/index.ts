export { type MetricDescription, metricDescriptions } from "./metrics/descriptions.ts";
export { observedFleet } from "./metrics/fleet-metrics.ts";
export { createRegistry } from "./metrics/registry.ts";
export { observeStream } from "./metrics/stream-metrics.ts";
export { FleetView } from "./view/fleet-view.ts";
export { LogFollower } from "./view/log-follower.ts";
export { type ClusterSummary, type FleetSummary, fleetSummary } from "./web/fleet-summary.ts";
export { fleetPage } from "./web/page.ts";
