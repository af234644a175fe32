import {
  createDecisionFeed,
  createManualClock,
  createMemoryStore,
  createNodeAgent,
  createSchedulerAgent,
  type Publish,
} from "../../agent/index.ts";
import { type Broker, createEmbeddedBroker } from "../../broker/index.ts";
import { createPublisher, type Publisher } from "../../client/index.ts";
import { carmProcessor } from "../../processor/index.ts";
import { createCodec, embeddedRegistry, type RecordCodec, topicDeclarations } from "../../records/index.ts";
import type { PolicyMeasurements } from "../../report/index.ts";
import { createSimulatedCluster, type Scenario, type SimulatedCluster } from "../../simulate/index.ts";
import { createRocksStores, createWorker } from "../../stream/index.ts";
import { gridRecordsAfterStart, historyRecords } from "./history.ts";
import { Measurements } from "./measurements.ts";
import { RunLog } from "./run-log.ts";

/** Simulated time between two rounds: ticks, agents, processor. */
const STEP_MS = 10_000;
const TELEMETRY_INTERVAL_MS = 60_000;
const READ_INTERVAL_MS = 3_600_000;
/** After the end the last hour is still stated. */
const AFTER_END_MS = 300_000;

export interface RunOptions {
  readonly scenario: Scenario;
  readonly planner: string;
  /** Where this run keeps its RocksDB state; nothing else may use it. */
  readonly stateFolder: string;
  /** Told the share done, 0 to 1, once a simulated hour. */
  readonly onProgress: (share: number) => void;
}

/**
 * Runs one policy over a scenario as it would run live: sources publish, the processor consumes, plans and publishes,
 * agents follow the control topic. Simulated time takes the place of the clock; what is returned was read off the log.
 */
export async function runPolicy(options: RunOptions): Promise<PolicyMeasurements> {
  const { scenario, planner } = options;
  const clock = createManualClock(scenario.startsAt);
  const broker = createEmbeddedBroker({ now: clock.wallMs });
  // One cluster, so one partition; created with CreateTime, as every replay.
  await broker.createTopics(
    topicDeclarations().map(({ name, cleanup, retentionMs }) => ({
      name,
      partitions: 1,
      cleanup,
      retentionMs,
      timestamps: "CreateTime" as const,
    })),
  );
  const codec = await createCodec(embeddedRegistry());
  const publisher = await createPublisher(broker, codec);
  const worker = await createWorker({
    broker,
    codec,
    processor: carmProcessor,
    stores: createRocksStores(options.stateFolder),
    logIdentity: "embedded",
    clock: { monotonicMs: clock.monotonicMs, epochMs: clock.wallMs },
  });
  const measurements = new Measurements(scenario);
  const log = await RunLog.follow(broker, codec, scenario.cluster.cluster, measurements);
  const cluster = createSimulatedCluster(scenario);
  const agents = createAgents({ scenario, cluster, broker, codec, publisher, clock });

  for (const { topic, record, dueAt } of historyRecords(scenario, planner)) {
    publisher.add(topic, record as never, dueAt);
  }
  const due = gridRecordsAfterStart(scenario);
  let nextDue = 0;
  for (let nowMs = scenario.startsAt; nowMs <= scenario.endsAt + AFTER_END_MS; nowMs += STEP_MS) {
    clock.advanceTo(nowMs);
    cluster.advanceTo(nowMs);
    for (; nextDue < due.length && due[nextDue]!.dueAt <= nowMs; nextDue += 1) {
      publisher.add("carm.grid-intensity", due[nextDue]!.record, nowMs);
    }
    for (const window of cluster.takeRequestWindows()) publisher.add("carm.request-rate", window, nowMs);
    if (nowMs % TELEMETRY_INTERVAL_MS === 0) for (const node of agents.nodes) await node.publishTelemetry();
    publisher.add("carm.ticks", { cluster: "", observedAt: nowMs, partition: 0 }, nowMs);
    await publisher.flush();
    await worker.runUntilIdle();
    await agents.scheduler.reconcile();
    for (const node of agents.nodes) await node.reconcile();
    await publisher.flush();
    if (nowMs % READ_INTERVAL_MS === 0) {
      await log.readOn();
      options.onProgress((nowMs - scenario.startsAt) / (scenario.endsAt - scenario.startsAt));
    }
  }
  await log.readOn();
  await worker.close();
  await log.close();
  await broker.close();
  return measurements.summary(planner);
}

interface AgentParts {
  readonly scenario: Scenario;
  readonly cluster: SimulatedCluster;
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly publisher: Publisher;
  readonly clock: ReturnType<typeof createManualClock>;
}

/** The agents of a real cluster, on simulated machines. */
function createAgents({ scenario, cluster, broker, codec, publisher, clock }: AgentParts) {
  const name = scenario.cluster.cluster;
  const shared = { cluster: name, clock };
  const publish: Publish = async (topic, value) => publisher.add(topic, value, clock.wallMs());
  const feed = () => createDecisionFeed({ broker, codec, cluster: name });
  return {
    scheduler: createSchedulerAgent({
      ...shared,
      actuator: cluster.scheduler,
      feed: feed(),
      publish,
      store: createMemoryStore(),
    }),
    nodes: cluster.nodes.map((node) =>
      createNodeAgent({
        ...shared,
        node,
        pool: cluster.poolOf(node),
        actuator: cluster.node(node),
        feed: feed(),
        publish,
        store: createMemoryStore(),
      }),
    ),
  };
}
