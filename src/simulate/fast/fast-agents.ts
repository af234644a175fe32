import {
  type AgentStore,
  createNodeAgent,
  createSchedulerAgent,
  type DecisionFeed,
  type DecisionUpdate,
  defaultAgentLimits,
  type ManualClock,
  type NodeAgent,
  type ReconcileResult,
  type SchedulerAgent,
} from "../../agent/index.ts";
import type { Decision, JobEvent, TopicName, TopicRecords } from "../../records/index.ts";
import type { Scenario } from "../scenario.ts";
import type { SimulatedCluster } from "../simulated-cluster.ts";

export interface FastAgentsOptions {
  readonly scenario: Scenario;
  readonly cluster: SimulatedCluster;
  readonly clock: ManualClock;
  readonly publish: (topic: TopicName, value: TopicRecords[TopicName]) => void;
}

/**
 * The agents of a real cluster on simulated machines. They are level-based, so a pass in which neither decisions nor
 * machines nor due times have changed does nothing: such passes are left out.
 */
export class FastAgents {
  readonly #cluster: SimulatedCluster;
  readonly #clock: ManualClock;
  readonly #scheduler: SchedulerAgent;
  readonly #nodes: readonly NodeAgent[];
  readonly #feeds: QueuedFeed[] = [];
  /** When each job that has not been submitted yet is, rising. */
  readonly #submissions: number[];
  /** When each running job last told something. */
  readonly #toldAt = new Map<string, number>();
  #decided = false;
  #revision = -1;
  #schedulerDueAt = Number.NEGATIVE_INFINITY;
  #nodesDueAt = Number.NEGATIVE_INFINITY;

  constructor({ scenario, cluster, clock, publish }: FastAgentsOptions) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#submissions = scenario.jobs.map((job) => job.submittedAt).sort((a, b) => a - b);
    const shared = { cluster: scenario.cluster.cluster, clock };
    const feed = () => {
      const made = new QueuedFeed();
      this.#feeds.push(made);
      return made;
    };
    this.#scheduler = createSchedulerAgent({
      ...shared,
      actuator: cluster.scheduler,
      feed: feed(),
      store: noStore(),
      publish: async (topic, value) => {
        if (topic === "carm.job-events") this.#told(value as JobEvent);
        publish(topic, value);
      },
    });
    this.#nodes = cluster.nodes.map((node) =>
      createNodeAgent({
        ...shared,
        node,
        pool: cluster.poolOf(node),
        actuator: cluster.node(node),
        feed: feed(),
        publish: async (topic, value) => publish(topic, value),
        store: noStore(),
      }),
    );
  }

  decided(decision: Decision): void {
    for (const feed of this.#feeds) feed.add({ kind: "decided", decision });
    // A renewed lease only moves due times further away.
    if (decision.action !== "renew") this.#decided = true;
  }

  get isDue(): boolean {
    return this.#isSchedulerDue || this.#areNodesDue;
  }

  async publishTelemetry(): Promise<void> {
    for (const node of this.#nodes) await node.publishTelemetry();
  }

  async reconcile(): Promise<void> {
    const nowMs = this.#clock.wallMs();
    if (this.#isSchedulerDue) {
      const result = await this.#scheduler.reconcile();
      while (this.#submissions[0] !== undefined && this.#submissions[0] <= nowMs) this.#submissions.shift();
      this.#schedulerDueAt = dueAt(result, nowMs);
    }
    if (!this.#areNodesDue) return;
    const revision = this.#cluster.revision;
    let earliest = Number.POSITIVE_INFINITY;
    for (const node of this.#nodes) earliest = Math.min(earliest, dueAt(await node.reconcile(), nowMs));
    // What was changed is read back in the next round.
    this.#nodesDueAt = this.#isChanged ? nowMs + 1 : earliest;
    this.#decided = false;
    this.#revision = revision;
  }

  get #isChanged(): boolean {
    return this.#decided || this.#cluster.revision !== this.#revision;
  }

  get #isSchedulerDue(): boolean {
    const nowMs = this.#clock.wallMs();
    return (
      this.#isChanged ||
      nowMs >= this.#schedulerDueAt ||
      nowMs >= (this.#submissions[0] ?? Number.POSITIVE_INFINITY) ||
      nowMs >= this.#progressDueAt
    );
  }

  get #areNodesDue(): boolean {
    return this.#isChanged || this.#clock.wallMs() >= this.#nodesDueAt;
  }

  get #progressDueAt(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const atMs of this.#toldAt.values()) first = Math.min(first, atMs);
    return first + defaultAgentLimits.progressIntervalMs;
  }

  #told({ type, subject, observedAt, job }: JobEvent): void {
    const runs = type === "started" || type === "resumed" || type === "resized" || type === "progress";
    if (runs) this.#toldAt.set(subject, observedAt);
    else if (job === null) this.#toldAt.delete(subject);
  }
}

function dueAt(result: ReconcileResult, nowMs: number): number {
  return result.status === "again" ? nowMs + result.afterMs : Number.POSITIVE_INFINITY;
}

/** Nothing restarts within a run. */
function noStore<Memory>(): AgentStore<Memory> {
  return { load: async () => null, save: async () => undefined };
}

class QueuedFeed implements DecisionFeed {
  #updates: DecisionUpdate[] = [];

  add(update: DecisionUpdate): void {
    this.#updates.push(update);
  }

  async poll(): Promise<readonly DecisionUpdate[]> {
    const updates = this.#updates;
    if (updates.length > 0) this.#updates = [];
    return updates;
  }
}
