// Generated from schemas/ and topics/ by scripts/generate-records.ts; do not edit.

export type TargetKind = "job" | "service" | "lease";

export interface Target {
  kind: TargetKind;
  /** Job or service id; empty for the lease. */
  id: string;
}

/** Order of decisions: by incarnation, then by sequence. */
export interface Epoch {
  incarnation: number;
  sequence: number;
}

export type ActuationResult = "applied" | "unchanged" | "stale" | "overridden" | "failed" | "reverted";

/** What an agent did about a decision, with the values read back. */
export interface Actuation {
  cluster: string;
  observedAt: number;
  /** Node name, or scheduler. */
  agent: string;
  /** Counts up with each record of an agent; drops duplicates. 0 from an agent that does not count. */
  sequence: number;
  target: Target;
  epoch: Epoch;
  result: ActuationResult;
  /** Lock read back. */
  smClockMhz: number | null;
  /** Workers read back. */
  workers: number | null;
  /** An ERR_ code and what happened, if it failed. */
  detail: string;
}

export type Signal = "average" | "marginal";

export type PoolPurpose = "inference" | "training" | "shared";

/** A named set of equal GPUs. */
export interface Pool {
  name: string;
  purpose: PoolPurpose;
  gpuModel: string;
  /** How many GPUs the pool has when none is lost. */
  gpus: number;
}

/** What is planned together: GPUs that share a grid zone, a capacity and a budget. */
export interface Cluster {
  /** Name of the cluster; the partition key of every topic. */
  cluster: string;
  /** When the producer made this record, epoch milliseconds UTC. */
  observedAt: number;
  /** Grid zone, as Electricity Maps names it. */
  zone: string;
  /** IANA time zone in which the operator's calendar periods run. */
  timeZone: string;
  /** Power usage effectiveness: facility energy over IT energy, at least 1. */
  pue: number;
  /** Kind of grid intensity that is planned and accounted with. */
  signal: Signal;
  pools: Pool[];
  /** Upper limit of the IT power of all GPUs, watts; null for none. */
  powerCapWatts: number | null;
}

export interface Header {
  name: string;
  value: Uint8Array;
}

/** A record that could not be used, kept as it came. */
export interface DeadLetter {
  /** Empty if it could not be told. */
  cluster: string;
  /** Append time of the record. */
  observedAt: number;
  topic: string;
  partition: number;
  offset: number;
  /** An ERR_ code. */
  reason: string;
  detail: string;
  key: Uint8Array | null;
  value: Uint8Array | null;
  /** Of the record as it came. */
  headers: Header[];
}

export type Action = "run" | "hold" | "pause" | "release" | "renew";

export type LeaseEnd = "default" | "hold" | "run";

/** Why, in numbers; null where a number does not apply. */
export interface Reason {
  planner: string;
  /** Stable word for the rule that decided, for example plan, latency-guard, forecast-missing. */
  code: string;
  /** Intensity now. */
  gco2PerKwh: number | null;
  /** Mean forecast intensity until the deadline or over the plan's horizon. */
  forecastGco2PerKwh: number | null;
  expectedPowerWatts: number | null;
  /** Jobs: to the end; services: over the next slot. */
  expectedGrams: number | null;
  expectedLatencyMs: number | null;
  expectedFinishAt: number | null;
}

/** Desired state of one target. Agents reconcile towards it; a lost, repeated or reordered decision does no harm. */
export interface Decision {
  cluster: string;
  /** When it was decided. */
  observedAt: number;
  target: Target;
  epoch: Epoch;
  /** run: workers and clock apply; hold: not started yet; pause: stop a running job; release: back to the hardware's own control; renew: the lease of all targets. */
  action: Action;
  /** Jobs that run: how many workers. */
  workers: number | null;
  /** Lock for the GPUs of the target; null leaves them to the hardware. */
  smClockMhz: number | null;
  /** Length of the lease from receipt. */
  leaseMs: number;
  /** default: hardware clocks; hold: keep what is set; run: start or resume a held job. */
  onLeaseEnd: LeaseEnd;
  policyVersion: number;
  reason: Reason;
  /** The plan it follows; empty for a rule outside plans. */
  planHash: string;
}

export type Quantity = "grid_intensity" | "on_site_watts" | "request_rate";

export interface MemberWeight {
  /** Our model and version, or a provider. */
  member: string;
  weight: number;
}

/** A forecast as issued. */
export interface Forecast {
  cluster: string;
  /** When it was issued. */
  observedAt: number;
  quantity: Quantity;
  /** Zone or service. */
  subject: string;
  /** Forecaster and version. */
  model: string;
  startsAt: number;
  stepMs: number;
  /** Quantile levels, rising, for example 0.05, 0.5, 0.95. */
  levels: number[];
  /** One array a level, one value a step. */
  values: number[][];
  /** Who had a say, in shares that add to 1 (mean over the steps). */
  weights: MemberWeight[];
  /** Share of the error of persistence that the model saved lately: 1 perfect, 0 none, below 0 worse. */
  skill: number | null;
}

export type TenantKind = "job" | "service" | "unknown";

export interface Tenant {
  kind: TenantKind;
  id: string;
  /** Share of the board, 0 to 1. */
  share: number;
}

export interface GpuSample {
  uuid: string;
  model: string;
  smClockMhz: number;
  /** Clock lock in force; null for the hardware's own control. */
  lockedSmClockMhz: number | null;
  powerWatts: number;
  /** Counter since the driver was loaded; a drop is a reset. */
  energyMillijoules: number;
  /** Share of time busy, 0 to 1. */
  utilization: number;
  temperatureCelsius: number;
  /** False once the device is lost or needs a reset. */
  healthy: boolean;
  tenants: Tenant[];
  /** True while somebody else sets its clocks and the agent leaves them alone. */
  overridden: boolean;
}

/** One sample of one node, an entry a GPU. */
export interface GpuTelemetry {
  cluster: string;
  observedAt: number;
  node: string;
  pool: string;
  /** Counts up with each sample of a node; drops duplicates. */
  sequence: number;
  gpus: GpuSample[];
}

export type IntensityKind = "measured" | "estimated" | "forecast";

/** Carbon intensity of the grid over one interval. A later record for the same interval and kind revises the earlier one. */
export interface GridIntensity {
  cluster: string;
  observedAt: number;
  zone: string;
  /** Start of the interval. */
  startsAt: number;
  durationMs: number;
  gco2PerKwh: number;
  signal: Signal;
  kind: IntensityKind;
  /** When the provider issued a forecast; null unless kind is forecast. */
  issuedAt: number | null;
  provider: string;
  /** Energy price in the cluster's currency; null if unknown. */
  pricePerKwh: number | null;
  /** Mean on-site renewable supply over the interval; null if there is none. */
  onSiteWatts: number | null;
}

export interface Run {
  topicRank: number;
  count: number;
}

/** The order in which one transaction of a task took its input records. */
export interface Interleaving {
  /** Always empty: an interleaving is of a whole partition. */
  cluster: string;
  /** Append time of the last record taken. */
  observedAt: number;
  partition: number;
  /** First offset taken, in topic rank order; -1 for a topic without one. */
  startOffsets: number[];
  runs: Run[];
  /** Records appended before this time, epoch milliseconds, were too late to decide anything. */
  decidesFrom: number;
  /** How many times the partition's state has begun from nothing; where it rises, the state before was lost. */
  incarnation: number;
}

export type JobState = "waiting" | "running" | "paused" | "finished" | "failed" | "cancelled";

/** What became of a job. */
export interface Job {
  cluster: string;
  observedAt: number;
  job: string;
  state: JobState;
  model: string;
  submittedAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  deadlineAt: number | null;
  deadlineMissed: boolean;
  /** Running now. */
  workers: number;
  /** Decided clock. */
  smClockMhz: number | null;
  samples: number | null;
  samplesDone: number;
  plannedStartAt: number | null;
  expectedFinishAt: number | null;
  energyKwh: number;
  gco2: number;
  /** For people: the last reason. */
  why: string;
}

export type JobEventType = "submitted" | "started" | "progress" | "paused" | "resumed" | "resized" | "finished" | "failed" | "cancelled" | "service_declared" | "service_removed";

export type WorkloadSystem = "kubernetes" | "slurm" | "external";

export type DeadlineKind = "hard" | "soft";

export interface JobSpec {
  system: WorkloadSystem;
  /** The workload in its own system, for example namespace/name. */
  ref: string;
  pool: string;
  model: string;
  /** Work to do, samples; null if unknown. */
  samples: number | null;
  /** null for no deadline. */
  deadlineAt: number | null;
  deadlineKind: DeadlineKind;
  earliestStartAt: number | null;
  /** Higher goes first. */
  priority: number;
  /** Workers the user asked for, one GPU each; what Baseline MAX runs. */
  requestedWorkers: number;
  minWorkers: number;
  maxWorkers: number;
  pausable: boolean;
  resizable: boolean;
  /** Time without progress after each start, resume and resize. */
  restartCostMs: number;
}

export interface ServiceSpec {
  pool: string;
  model: string;
  /** For example 0.99. */
  latencyQuantile: number;
  latencyTargetMs: number;
  /** GPUs that serve it, load spread evenly. */
  gpus: number;
}

export interface JobProgress {
  /** Since submission, lost work taken off. */
  samplesDone: number;
  /** Workers running now. */
  workers: number;
}

/** A moment in the life of a training job or an inference service. */
export interface JobEvent {
  cluster: string;
  observedAt: number;
  /** Id of the job or the service. */
  subject: string;
  /** Counts up with each event of a subject; drops duplicates. */
  sequence: number;
  type: JobEventType;
  /** With submitted. */
  job: JobSpec | null;
  /** With service_declared. */
  service: ServiceSpec | null;
  /** With started, progress, paused, resumed, resized, finished. */
  progress: JobProgress | null;
  /** For people: why it failed, who cancelled. */
  detail: string;
}

export type SubjectKind = "job" | "service" | "idle";

/** Full restatement of one subject over one interval; the highest revision counts. */
export interface LedgerEntry {
  cluster: string;
  observedAt: number;
  subjectKind: SubjectKind;
  /** Job or service id; empty for idle GPUs. */
  subject: string;
  startsAt: number;
  durationMs: number;
  revision: number;
  final: boolean;
  /** IT energy of the GPUs, PUE left out. */
  energyKwh: number;
  /** Energy times PUE, net of on-site supply, times intensity. */
  gco2: number;
  /** The least certain intensity that went in. */
  intensityKind: IntensityKind;
  requests: number;
  requestsOverTarget: number;
  /** Training samples done. */
  samples: number;
}

export interface PlannedJob {
  job: string;
  /** null if it does not finish within the plan. */
  expectedFinishAt: number | null;
  expectedGrams: number;
  /** False if the deadline can't be met. */
  feasible: boolean;
  /** One entry a slot, 0 where it does not run. */
  workers: number[];
  /** One entry a slot, 0 where it does not run. */
  smClockMhz: number[];
}

export interface PlannedService {
  service: string;
  /** One entry a slot. */
  smClockMhz: number[];
}

/** A plan and what it was made from. */
export interface Plan {
  cluster: string;
  /** When it came into force. */
  observedAt: number;
  hash: string;
  /** Of the planning problem. */
  inputsHash: string;
  planner: string;
  /** Why it was made, for example slot, job-event, forecast. */
  trigger: string;
  startsAt: number;
  slotMs: number;
  /** Of all jobs until they are finished, idle power left out. */
  expectedGrams: number;
  jobs: PlannedJob[];
  services: PlannedService[];
  /** The planning problem as JSON, numbers exact, each profile once: the planner makes the same plan of it again. Empty if it was too large to keep. */
  problem: string;
}

export type Mode = "live" | "shadow" | "off";

/** What an operator sets for a cluster. A change is an event of its own, so every decision can name the version it followed. */
export interface Policy {
  cluster: string;
  observedAt: number;
  /** Counts up with each change. */
  version: number;
  /** Name of the planner, for example ca-rm or max. */
  planner: string;
  /** live: decisions are applied; shadow: only recorded; off: what was set is released. */
  mode: Mode;
  /** No lock below this clock; null for the device's own limit. */
  minSmClockMhz: number | null;
  /** No lock above this clock; null for the device's own limit. */
  maxSmClockMhz: number | null;
  /** How long setpoints stay in force without renewal, counted by the agent from receipt. */
  leaseMs: number;
}

export type WorkloadPurpose = "training" | "inference";

export type Evidence = "measured" | "fitted" | "assumed";

export interface GpuModel {
  /** For example rtx-4090. */
  model: string;
  minSmClockMhz: number;
  maxSmClockMhz: number;
  /** Distance of supported clocks, counted from the lowest. */
  smClockStepMhz: number;
  idlePowerWatts: number;
  /** Default board power limit (TDP). */
  powerLimitWatts: number;
  evidence: Evidence;
  source: string;
}

export interface OperatingPoint {
  smClockMhz: number;
  /** Speed over the speed at the highest clock, 0 to 1. */
  relativeSpeed: number;
  /** Board power when always busy, idle power included. */
  powerWatts: number;
}

export interface ScalingPoint {
  workers: number;
  /** Throughput over that of one worker. */
  relativeThroughput: number;
}

/** Service time of a batch of b requests at the highest clock: setupMs + b * marginalMs. */
export interface Batching {
  setupMs: number;
  marginalMs: number;
  maxBatch: number;
}

/** Power and speed of one deep-learning model on one GPU model, with how each figure was obtained. */
export interface Profile {
  cluster: string;
  observedAt: number;
  /** Deep-learning model, for example resnet50 or llm-27b-decode. */
  model: string;
  purpose: WorkloadPurpose;
  gpu: GpuModel;
  /** By rising clock; at least two points, the last at the highest clock. */
  curve: OperatingPoint[];
  curveEvidence: Evidence;
  curveSource: string;
  /** Training: samples per second of one worker on one GPU at the highest clock. Inference: requests per second of one GPU at full batches and the highest clock. */
  samplesPerSecond: number;
  /** Training only, by rising worker count from 1. */
  scaling: ScalingPoint[];
  /** Inference only. */
  batching: Batching | null;
  /** How samplesPerSecond, scaling and batching were obtained. */
  rateEvidence: Evidence;
  rateSource: string;
}

/** What reached and what left an inference service in one window. */
export interface RequestRate {
  cluster: string;
  observedAt: number;
  service: string;
  /** Start of the window; with service it drops duplicates. */
  startsAt: number;
  durationMs: number;
  arrivals: number;
  completions: number;
  /** Requests waiting at the end of the window. */
  queueDepth: number;
  /** Completions that took longer than the service's latency target. */
  overTarget: number;
  /** Mergeable histogram of completions: bucket i holds latencies in [2^(i/4), 2^((i+1)/4)) ms, the first also everything below, the last also everything above. */
  latencyCounts: number[];
}

/** How time reaches a pure step: one record a second and partition in live use, written by the task that owns it; by the driver in a simulation. */
export interface Tick {
  /** Always empty: a tick is for every cluster of its partition. */
  cluster: string;
  observedAt: number;
  partition: number;
}

/** The record type that each topic carries. */
export interface TopicRecords {
  "carm.actuations": Actuation;
  "carm.clusters": Cluster;
  "carm.dead-letters": DeadLetter;
  "carm.decisions.shadow": Decision;
  "carm.decisions": Decision;
  "carm.forecasts": Forecast;
  "carm.gpu-telemetry": GpuTelemetry;
  "carm.grid-intensity": GridIntensity;
  "carm.interleavings": Interleaving;
  "carm.job-events": JobEvent;
  "carm.jobs": Job;
  "carm.ledger": LedgerEntry;
  "carm.plans": Plan;
  "carm.policies": Policy;
  "carm.profiles": Profile;
  "carm.request-rate": RequestRate;
  "carm.ticks": Tick;
}
