// Generated from schemas/ by scripts/generate-state.ts; do not edit.

import type { Action, Epoch, GpuSample, IntensityKind, JobSpec, JobState, Mode, ServiceSpec, SubjectKind } from "../records/index.ts";

/** What is known of an agent. */
export interface AgentState {
  /** Of its last actuation. */
  sequence: number;
}

/** What the processor keeps once a cluster. */
export interface Control {
  /** Of the last decision. */
  epoch: Epoch;
  /** The latest tick. */
  nowMs: number;
  /** Why a new plan is wanted; empty if none is. */
  planTrigger: string;
  /** Start of the plan's slot whose setpoints were decided last. */
  slotStartsAt: number;
  leaseRenewedAt: number;
  /** When the last plan came into force; -1 before the first. */
  plannedAt: number;
  /** In which mode the last decisions were made. */
  mode: Mode;
  /** Ledger hour that is filling now; -1 before the first. */
  openHourStartsAt: number;
  /** GPUs that worked at the last count. */
  capacity: number;
  /** Records dropped because they had been seen. */
  duplicates: number;
  /** Records that came too late to count. */
  late: number;
  /** Decisions that agents could not carry out. */
  failedActuations: number;
  /** Decisions that agents left undone because somebody else's hand was seen. */
  overriddenActuations: number;
}

/** What is known of the grid in one interval of its source. */
export interface GridInterval {
  startsAt: number;
  durationMs: number;
  gco2PerKwh: number;
  kind: IntensityKind;
  pricePerKwh: number | null;
  onSiteWatts: number | null;
}

export interface JobSetpoint {
  action: Action;
  workers: number;
  smClockMhz: number | null;
}

/** A job as the processor knows it. */
export interface JobRecord {
  spec: JobSpec;
  /** Of the last event taken. */
  sequence: number;
  state: JobState;
  submittedAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  samplesDone: number;
  /** Running now. */
  workers: number;
  /** Since when workers and clock have not changed: speed is measured from here. */
  steadySince: number;
  /** samplesDone at steadySince. */
  steadySamples: number;
  /** Measured over modelled speed. */
  speedRatio: number;
  /** Last decision. */
  decided: JobSetpoint | null;
  plannedStartAt: number | null;
  expectedFinishAt: number | null;
  /** Of closed ledger hours. */
  energyKwh: number;
  /** Of closed ledger hours. */
  gco2: number;
  /** True if the plan can't meet the deadline. */
  infeasible: boolean;
  /** True while somebody else started, resized or paused it and its agent leaves it alone. */
  overridden: boolean;
  why: string;
}

export interface LedgerSubject {
  kind: SubjectKind;
  id: string;
  energyJoules: number;
  requests: number;
  requestsOverTarget: number;
  samples: number;
  /** Of the entry emitted last; -1 before the first. */
  revision: number;
  /** Stated in the entry emitted last. */
  gco2: number;
  /** Stated in the entry emitted last. */
  energyKwh: number;
}

/** One ledger hour of a cluster. */
export interface LedgerHour {
  closed: boolean;
  subjects: LedgerSubject[];
}

/** The last sample of a node. */
export interface NodeState {
  pool: string;
  observedAt: number;
  gpus: GpuSample[];
}

/** A service that is no more, remembered so that an old event does not bring it back. */
export interface RemovedService {
  /** Of its removal. */
  sequence: number;
  removedAt: number;
}

/** A service as the processor knows it. */
export interface ServiceRecord {
  spec: ServiceSpec;
  /** Of the last event taken. */
  sequence: number;
  declaredAt: number;
  /** Starts of the windows taken lately, rising: tells duplicates. */
  windows: number[];
  /** State of the latency guard, JSON. */
  guard: string;
  decidedSmClockMhz: number | null;
  plannedSmClockMhz: number | null;
}

/** Avro schemas of what is stored, by record name. */
export const stateSchemas = {
  AgentState: {"type":"record","name":"AgentState","namespace":"carm.state.v1","fields":[{"name":"sequence","type":"long"}]},
  Control: {"type":"record","name":"Control","namespace":"carm.state.v1","fields":[{"name":"epoch","type":{"type":"record","name":"Epoch","fields":[{"name":"incarnation","type":"long"},{"name":"sequence","type":"long"}],"namespace":"carm.v1"}},{"name":"nowMs","type":"long"},{"name":"planTrigger","type":"string"},{"name":"slotStartsAt","type":"long"},{"name":"leaseRenewedAt","type":"long"},{"name":"plannedAt","type":"long"},{"name":"mode","type":{"type":"enum","name":"Mode","symbols":["live","shadow","off"],"namespace":"carm.v1"}},{"name":"openHourStartsAt","type":"long"},{"name":"capacity","type":"int"},{"name":"duplicates","type":"long"},{"name":"late","type":"long"},{"name":"failedActuations","type":"long"},{"name":"overriddenActuations","type":"long"}]},
  GridInterval: {"type":"record","name":"GridInterval","namespace":"carm.state.v1","fields":[{"name":"startsAt","type":"long"},{"name":"durationMs","type":"long"},{"name":"gco2PerKwh","type":"double"},{"name":"kind","type":{"type":"enum","name":"IntensityKind","symbols":["measured","estimated","forecast"],"namespace":"carm.v1"}},{"name":"pricePerKwh","type":["null","double"]},{"name":"onSiteWatts","type":["null","double"]}]},
  JobRecord: {"type":"record","name":"JobRecord","namespace":"carm.state.v1","fields":[{"name":"spec","type":{"type":"record","name":"JobSpec","fields":[{"name":"system","type":{"type":"enum","name":"WorkloadSystem","symbols":["kubernetes","slurm","external"]}},{"name":"ref","type":"string"},{"name":"pool","type":"string"},{"name":"model","type":"string"},{"name":"samples","type":["null","double"],"default":null},{"name":"deadlineAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null},{"name":"deadlineKind","type":{"type":"enum","name":"DeadlineKind","symbols":["hard","soft"]},"default":"hard"},{"name":"earliestStartAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null},{"name":"priority","type":"int","default":0},{"name":"requestedWorkers","type":"int"},{"name":"minWorkers","type":"int"},{"name":"maxWorkers","type":"int"},{"name":"pausable","type":"boolean","default":false},{"name":"resizable","type":"boolean","default":false},{"name":"restartCostMs","type":"long","default":0}],"namespace":"carm.v1"}},{"name":"sequence","type":"long"},{"name":"state","type":{"type":"enum","name":"JobState","symbols":["waiting","running","paused","finished","failed","cancelled"],"namespace":"carm.v1"}},{"name":"submittedAt","type":"long"},{"name":"startedAt","type":["null","long"]},{"name":"finishedAt","type":["null","long"]},{"name":"samplesDone","type":"double"},{"name":"workers","type":"int"},{"name":"steadySince","type":"long"},{"name":"steadySamples","type":"double"},{"name":"speedRatio","type":"double"},{"name":"decided","type":["null",{"type":"record","name":"JobSetpoint","fields":[{"name":"action","type":{"type":"enum","name":"Action","symbols":["run","hold","pause","release","renew"],"namespace":"carm.v1"}},{"name":"workers","type":"int"},{"name":"smClockMhz","type":["null","int"]}]}]},{"name":"plannedStartAt","type":["null","long"]},{"name":"expectedFinishAt","type":["null","long"]},{"name":"energyKwh","type":"double"},{"name":"gco2","type":"double"},{"name":"infeasible","type":"boolean"},{"name":"overridden","type":"boolean"},{"name":"why","type":"string"}]},
  LedgerHour: {"type":"record","name":"LedgerHour","namespace":"carm.state.v1","fields":[{"name":"closed","type":"boolean"},{"name":"subjects","type":{"type":"array","items":{"type":"record","name":"LedgerSubject","fields":[{"name":"kind","type":{"type":"enum","name":"SubjectKind","symbols":["job","service","idle"],"namespace":"carm.v1"}},{"name":"id","type":"string"},{"name":"energyJoules","type":"double"},{"name":"requests","type":"long"},{"name":"requestsOverTarget","type":"long"},{"name":"samples","type":"double"},{"name":"revision","type":"int"},{"name":"gco2","type":"double"},{"name":"energyKwh","type":"double"}]}}}]},
  NodeState: {"type":"record","name":"NodeState","namespace":"carm.state.v1","fields":[{"name":"pool","type":"string"},{"name":"observedAt","type":"long"},{"name":"gpus","type":{"type":"array","items":{"type":"record","name":"GpuSample","fields":[{"name":"uuid","type":"string"},{"name":"model","type":"string"},{"name":"smClockMhz","type":"int"},{"name":"lockedSmClockMhz","type":["null","int"],"default":null},{"name":"powerWatts","type":"double"},{"name":"energyMillijoules","type":"long"},{"name":"utilization","type":"double"},{"name":"temperatureCelsius","type":"double"},{"name":"healthy","type":"boolean"},{"name":"tenants","type":{"type":"array","items":{"type":"record","name":"Tenant","fields":[{"name":"kind","type":{"type":"enum","name":"TenantKind","symbols":["job","service","unknown"]}},{"name":"id","type":"string"},{"name":"share","type":"double"}]}}},{"name":"overridden","type":"boolean","default":false}],"namespace":"carm.v1"}}}]},
  RemovedService: {"type":"record","name":"RemovedService","namespace":"carm.state.v1","fields":[{"name":"sequence","type":"long"},{"name":"removedAt","type":"long"}]},
  ServiceRecord: {"type":"record","name":"ServiceRecord","namespace":"carm.state.v1","fields":[{"name":"spec","type":{"type":"record","name":"ServiceSpec","fields":[{"name":"pool","type":"string"},{"name":"model","type":"string"},{"name":"latencyQuantile","type":"double"},{"name":"latencyTargetMs","type":"double"},{"name":"gpus","type":"int"}],"namespace":"carm.v1"}},{"name":"sequence","type":"long"},{"name":"declaredAt","type":"long"},{"name":"windows","type":{"type":"array","items":"long"}},{"name":"guard","type":"string"},{"name":"decidedSmClockMhz","type":["null","int"]},{"name":"plannedSmClockMhz","type":["null","int"]}]},
  Cluster: {"type":"record","name":"Cluster","namespace":"carm.v1","fields":[{"name":"cluster","type":"string"},{"name":"observedAt","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"zone","type":"string"},{"name":"timeZone","type":"string"},{"name":"pue","type":"double"},{"name":"signal","type":{"type":"enum","name":"Signal","symbols":["average","marginal"]}},{"name":"pools","type":{"type":"array","items":{"type":"record","name":"Pool","fields":[{"name":"name","type":"string"},{"name":"purpose","type":{"type":"enum","name":"PoolPurpose","symbols":["inference","training","shared"]}},{"name":"gpuModel","type":"string"},{"name":"gpus","type":"int"}]}}},{"name":"powerCapWatts","type":["null","double"],"default":null}]},
  Policy: {"type":"record","name":"Policy","namespace":"carm.v1","fields":[{"name":"cluster","type":"string"},{"name":"observedAt","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"version","type":"int"},{"name":"planner","type":"string"},{"name":"mode","type":{"type":"enum","name":"Mode","symbols":["live","shadow","off"]}},{"name":"minSmClockMhz","type":["null","int"],"default":null},{"name":"maxSmClockMhz","type":["null","int"],"default":null},{"name":"leaseMs","type":"long"}]},
  Profile: {"type":"record","name":"Profile","namespace":"carm.v1","fields":[{"name":"cluster","type":"string"},{"name":"observedAt","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"model","type":"string"},{"name":"purpose","type":{"type":"enum","name":"WorkloadPurpose","symbols":["training","inference"]}},{"name":"gpu","type":{"type":"record","name":"GpuModel","fields":[{"name":"model","type":"string"},{"name":"minSmClockMhz","type":"int"},{"name":"maxSmClockMhz","type":"int"},{"name":"smClockStepMhz","type":"int"},{"name":"idlePowerWatts","type":"double"},{"name":"powerLimitWatts","type":"double"},{"name":"evidence","type":{"type":"enum","name":"Evidence","symbols":["measured","fitted","assumed"]}},{"name":"source","type":"string"}]}},{"name":"curve","type":{"type":"array","items":{"type":"record","name":"OperatingPoint","fields":[{"name":"smClockMhz","type":"int"},{"name":"relativeSpeed","type":"double"},{"name":"powerWatts","type":"double"}]}}},{"name":"curveEvidence","type":"Evidence"},{"name":"curveSource","type":"string"},{"name":"samplesPerSecond","type":"double"},{"name":"scaling","type":{"type":"array","items":{"type":"record","name":"ScalingPoint","fields":[{"name":"workers","type":"int"},{"name":"relativeThroughput","type":"double"}]}}},{"name":"batching","type":["null",{"type":"record","name":"Batching","fields":[{"name":"setupMs","type":"double"},{"name":"marginalMs","type":"double"},{"name":"maxBatch","type":"int"}]}],"default":null},{"name":"rateEvidence","type":"Evidence"},{"name":"rateSource","type":"string"}]},
  Plan: {"type":"record","name":"Plan","namespace":"carm.v1","fields":[{"name":"cluster","type":"string"},{"name":"observedAt","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"hash","type":"string"},{"name":"inputsHash","type":"string"},{"name":"planner","type":"string"},{"name":"trigger","type":"string"},{"name":"startsAt","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"slotMs","type":"long"},{"name":"expectedGrams","type":"double"},{"name":"jobs","type":{"type":"array","items":{"type":"record","name":"PlannedJob","fields":[{"name":"job","type":"string"},{"name":"expectedFinishAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null},{"name":"expectedGrams","type":"double"},{"name":"feasible","type":"boolean"},{"name":"workers","type":{"type":"array","items":"int"}},{"name":"smClockMhz","type":{"type":"array","items":"int"}}]}}},{"name":"services","type":{"type":"array","items":{"type":"record","name":"PlannedService","fields":[{"name":"service","type":"string"},{"name":"smClockMhz","type":{"type":"array","items":"int"}}]}}},{"name":"problem","type":"string","default":""}]},
};
