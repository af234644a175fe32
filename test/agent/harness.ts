import {
  type AgentLimits,
  type AgentStore,
  createManualClock,
  createMemoryStore,
  createNodeAgent,
  createSchedulerAgent,
  type DecisionFeed,
  type DecisionUpdate,
  type NodeAgent,
  type NodeMemory,
  type Publish,
  type SchedulerAgent,
  type SchedulerMemory,
  type StopSwitch,
} from "../../src/agent/index.ts";
import type { Actuation, Decision, JobEvent, Target, TopicRecords } from "../../src/records/index.ts";
import { FakeNode } from "./fake-node.ts";
import { FakeScheduler } from "./fake-scheduler.ts";

export const CLUSTER = "lab";
export const START = Date.UTC(2024, 0, 1);
export const LEASE_MS = 600_000;
/** Reversions at once, so that a test need not know the spread. */
export const testLimits: Partial<AgentLimits> = { reversionSpreadMs: 0 };

/** A decision with a lease of ten minutes that runs at the hardware's own clocks, unless told otherwise. */
export function decision(
  kind: Target["kind"],
  id: string,
  sequence: number,
  changed: Partial<Decision> = {},
): Decision {
  return {
    cluster: CLUSTER,
    observedAt: START,
    target: { kind, id },
    epoch: { incarnation: 1, sequence },
    action: "run",
    workers: null,
    smClockMhz: null,
    leaseMs: LEASE_MS,
    onLeaseEnd: "default",
    policyVersion: 1,
    reason: {
      planner: "test",
      code: "plan",
      gco2PerKwh: null,
      forecastGco2PerKwh: null,
      expectedPowerWatts: null,
      expectedGrams: null,
      expectedLatencyMs: null,
      expectedFinishAt: null,
    },
    planHash: "",
    ...changed,
  };
}

export function renewal(sequence: number, changed: Partial<Decision> = {}): Decision {
  return decision("lease", "", sequence, { action: "renew", ...changed });
}

/** A feed that a test fills. */
export class ListFeed implements DecisionFeed {
  #updates: DecisionUpdate[] = [];
  failure: Error | null = null;

  decide(...decisions: readonly Decision[]): void {
    for (const decided of decisions) this.#updates.push({ kind: "decided", decision: decided });
  }

  drop(kind: Target["kind"], id: string): void {
    this.#updates.push({ kind: "dropped", target: { kind, id } });
  }

  async poll(): Promise<readonly DecisionUpdate[]> {
    if (this.failure !== null) throw this.failure;
    return this.#updates.splice(0);
  }
}

/** What an agent published. */
export class Log {
  readonly records: { readonly topic: keyof TopicRecords; readonly value: object }[] = [];
  failure: Error | null = null;

  readonly publish: Publish = async (topic, value) => {
    if (this.failure !== null) throw this.failure;
    this.records.push({ topic, value });
  };

  of<T extends keyof TopicRecords>(topic: T): TopicRecords[T][] {
    return this.records
      .filter((record) => record.topic === topic)
      .map(({ value }) => value as TopicRecords[T]);
  }

  /** Takes the actuations so far as short lines: result, target, sequence, value read back. */
  takeActuations(): string[] {
    const lines = this.of("carm.actuations").map(
      ({ result, target, epoch, smClockMhz, workers }: Actuation) =>
        `${result} ${target.id}@${epoch.sequence} ${smClockMhz ?? workers}`,
    );
    this.records.length = 0;
    return lines;
  }

  /** Takes the job events so far as short lines: type, subject, workers. */
  takeEvents(): string[] {
    const lines = this.of("carm.job-events").map(
      ({ type, subject, progress }: JobEvent) =>
        `${type} ${subject}${progress ? ` ${progress.workers}` : ""}`,
    );
    this.records.length = 0;
    return lines;
  }
}

/** Everything around an agent, kept when the agent is restarted. */
class World {
  readonly clock = createManualClock(START);
  readonly feed = new ListFeed();
  readonly log = new Log();
  stopped = false;
  readonly stopSwitch: StopSwitch = { engaged: async () => this.stopped };
  readonly limits: Partial<AgentLimits>;

  constructor(limits: Partial<AgentLimits>) {
    this.limits = { ...testLimits, ...limits };
  }

  wait(durationMs: number): void {
    this.clock.advanceTo(this.clock.wallMs() + durationMs);
  }

  protected get shared() {
    const { feed, clock, stopSwitch, limits } = this;
    return { cluster: CLUSTER, feed, clock, stopSwitch, limits, publish: this.log.publish };
  }
}

export class NodeWorld extends World {
  readonly node: FakeNode;
  readonly store: AgentStore<NodeMemory>;
  agent: NodeAgent;

  constructor(gpus = 2, limits: Partial<AgentLimits> = {}, store = createMemoryStore<NodeMemory>()) {
    super(limits);
    this.node = new FakeNode(gpus);
    this.store = store;
    this.agent = this.start();
  }

  /** A new process with the same memory. The feed starts over: the test decides what it says. */
  restart(): void {
    this.agent = this.start();
  }

  /** Decides, reconciles, and takes what was reported. */
  async decide(...decisions: readonly Decision[]): Promise<string[]> {
    this.feed.decide(...decisions);
    await this.agent.reconcile();
    return this.log.takeActuations();
  }

  get locks(): (number | null)[] {
    return this.node.gpus.map((gpu) => gpu.lockMhz);
  }

  private start(): NodeAgent {
    return createNodeAgent({ ...this.shared, node: "n1", pool: "p", actuator: this.node, store: this.store });
  }
}

export class SchedulerWorld extends World {
  readonly scheduler: FakeScheduler;
  readonly store: AgentStore<SchedulerMemory>;
  agent: SchedulerAgent;

  constructor(gpus = 8, limits: Partial<AgentLimits> = {}, store = createMemoryStore<SchedulerMemory>()) {
    super(limits);
    this.scheduler = new FakeScheduler(gpus);
    this.store = store;
    this.agent = this.start();
  }

  restart(): void {
    this.agent = this.start();
  }

  async decide(...decisions: readonly Decision[]): Promise<string[]> {
    this.feed.decide(...decisions);
    await this.agent.reconcile();
    return this.log.takeActuations();
  }

  async events(): Promise<string[]> {
    await this.agent.reconcile();
    return this.log.takeEvents();
  }

  private start(): SchedulerAgent {
    return createSchedulerAgent({ ...this.shared, actuator: this.scheduler, store: this.store });
  }
}
