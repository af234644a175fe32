export type { GpuActuator, ObservedGpu, ObservedWorkload, SchedulerActuator } from "./actuators/actuator.ts";
export {
  createKubernetesScheduler,
  type KubernetesScheduler,
  type KubernetesSchedulerOptions,
} from "./actuators/kubernetes/kubernetes-scheduler.ts";
export { createLeaseLock, type LeaseLockOptions } from "./actuators/kubernetes/lease-lock.ts";
export { podOwners } from "./actuators/kubernetes/pod-owners.ts";
export {
  type GpuActuatorKind,
  gpuActuatorKinds,
  type OpenGpuActuatorOptions,
  openGpuActuator,
} from "./actuators/nvidia/open-actuator.ts";
export { createSlurmCommands, slurmRunner } from "./actuators/slurm/slurm-commands.ts";
export { createSlurmRest } from "./actuators/slurm/slurm-rest.ts";
export { createSlurmScheduler, type SlurmSchedulerOptions } from "./actuators/slurm/slurm-scheduler.ts";
export { type AgentLimits, agentLimits, defaultAgentLimits } from "./agent-limits.ts";
export {
  type AgentStore,
  createMemoryStore,
  type EpochMemory,
  type NodeMemory,
  type SchedulerMemory,
  type SubjectMemory,
} from "./agent-store.ts";
export { type Clock, createManualClock, type ManualClock, systemClock } from "./clock.ts";
export {
  type BrokerDecisionFeed,
  type BrokerDecisionFeedOptions,
  createDecisionFeed,
  type DecisionFeed,
  type DecisionUpdate,
} from "./decision-feed.ts";
export {
  DecisionView,
  type DecisionViewOptions,
  type Receipt,
  type Setpoint,
  type Standing,
  type Verdict,
} from "./decision-view.ts";
export { compareEpochs } from "./epoch.ts";
export { createNodeFileStore, createSchedulerFileStore } from "./file-store.ts";
export type { Leadership } from "./leadership.ts";
export { createNodeAgent, type NodeAgent, type NodeAgentOptions } from "./node-agent.ts";
export type { Publish } from "./outbox.ts";
export type { ReconcileResult } from "./reconcile-result.ts";
export { createSchedulerAgent, type SchedulerAgent, type SchedulerAgentOptions } from "./scheduler-agent.ts";
export { createStopFile, type StopSwitch } from "./stop-switch.ts";
