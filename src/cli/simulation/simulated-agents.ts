import { join } from "node:path";
import {
  type AgentLimits,
  createDecisionFeed,
  createNodeAgent,
  createNodeFileStore,
  createSchedulerAgent,
  createSchedulerFileStore,
  type NodeAgent,
  type Publish,
  type SchedulerAgent,
} from "../../agent/index.ts";
import type { Broker } from "../../broker/index.ts";
import { createPublisher } from "../../client/index.ts";
import { partitionOf, type RecordCodec } from "../../records/index.ts";
import type { Logger } from "../runtime/logger.ts";
import { topicsExist } from "../runtime/topics-exist.ts";
import type { Seat, SeatRequest } from "./protocol.ts";
import { SharedFeed } from "./shared-feed.ts";
import type { SimulatorClient } from "./simulator-client.ts";
import { TickClock } from "./tick-clock.ts";

const TELEMETRY_INTERVAL_MS = 60_000;

export interface SimulatedAgentsOptions {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly simulator: SimulatorClient;
  readonly request: SeatRequest;
  readonly limits: Partial<AgentLimits>;
  /** Where the agents keep what must outlast a restart of this process. */
  readonly stateFolder: string;
  readonly log: Logger;
  /** Told once the agents have taken their places. */
  readonly onReady?: () => void;
  /** Ends the agents: they release what they set. */
  readonly signal: AbortSignal;
}

/**
 * Runs the agents of simulated machines until the simulator is gone or the signal ends. They are the agents of real
 * machines; only their pace differs: they act when simulated time stands at a step, with the clock that `carm.ticks`
 * shows, on every decision that is on the log by then.
 */
export async function runSimulatedAgents(options: SimulatedAgentsOptions): Promise<void> {
  const { broker, codec, simulator, log, signal } = options;
  if (!(await topicsExist(broker, log, signal))) return;
  const seats = await simulator.join(options.request);
  const clusters = [...new Set(seats.map(({ cluster }) => cluster))];
  const count = await broker.partitionCount("carm.ticks");
  const partitions = [...new Set(clusters.map((cluster) => partitionOf(cluster, count)))];
  const ticks = await TickClock.open(broker, codec, partitions);
  const feeds = new Map(
    clusters.map((cluster) => [cluster, new SharedFeed(createDecisionFeed({ broker, codec, cluster }))]),
  );
  const publisher = await createPublisher(broker, codec);
  const publish: Publish = async (topic, value) => publisher.add(topic, value, ticks.clock.wallMs());
  const agents = seats.map((seat) => createAgent(options, seat, feeds.get(seat.cluster)!, ticks, publish));
  log.info({ agents: seats.length, clusters }, "agents have taken their places");
  options.onReady?.();

  let step = Number.NEGATIVE_INFINITY;
  for (;;) {
    const next = await simulator.stepAfter(step, signal);
    if (next === null) break;
    await ticks.reached(next, signal);
    if (signal.aborted) break;
    for (const feed of feeds.values()) await feed.catchUp();
    const samples = Math.floor(next / TELEMETRY_INTERVAL_MS) > Math.floor(step / TELEMETRY_INTERVAL_MS);
    step = next;
    for (const agent of agents) {
      if (samples && "publishTelemetry" in agent) await agent.publishTelemetry();
      const result = await agent.reconcile();
      if (result.status === "again" && result.error !== null)
        log.warn({ err: result.error }, "a pass failed");
    }
    await publisher.flush();
    await simulator.done(step);
  }
  if (signal.aborted) for (const agent of agents) await agent.stop();
  await publisher.close();
  await Promise.all([ticks.close(), ...[...feeds.values()].map((feed) => feed.close())]);
}

function createAgent(
  { simulator, limits, stateFolder }: SimulatedAgentsOptions,
  { cluster, node, pool }: Seat,
  feed: SharedFeed,
  ticks: TickClock,
  publish: Publish,
): NodeAgent | SchedulerAgent {
  const shared = { cluster, feed: feed.branch(), publish, clock: ticks.clock, limits };
  const memory = join(stateFolder, `${encodeURIComponent(cluster)}-${node ?? "scheduler"}.json`);
  if (node === null) {
    const store = createSchedulerFileStore(memory);
    return createSchedulerAgent({ ...shared, actuator: simulator.scheduler(cluster), store });
  }
  const store = createNodeFileStore(memory);
  return createNodeAgent({ ...shared, node, pool, actuator: simulator.gpus(cluster, node), store });
}
