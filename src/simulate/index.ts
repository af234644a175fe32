export { buildScenario } from "./build-scenario.ts";
export { type FastRunOptions, type ReplayedRecord, runFast } from "./fast/run-fast.ts";
export { buildHeadroom } from "./headroom/build-headroom.ts";
export { headroom } from "./headroom/constants.ts";
export type { GridHour, Scenario, ScenarioJob, ScenarioOptions, ScenarioService } from "./scenario.ts";
export { createSimulatedCluster, type SimulatedCluster, type SubjectEnergy } from "./simulated-cluster.ts";
export type { JobRow, OnSiteShape, TraceSet } from "./trace-set.ts";
