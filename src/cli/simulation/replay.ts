import type { Broker } from "../../broker/index.ts";
import { createPublisher } from "../../client/index.ts";
import { CarmError, partitionOf, type RecordCodec, topicDeclarations } from "../../records/index.ts";
import { gridRecordsAfterStart, historyRecords } from "../demo/history.ts";
import type { Logger } from "../runtime/logger.ts";
import { Pace } from "./pace.ts";
import { ProcessorProgress } from "./processor-progress.ts";
import { SimulatorServer } from "./simulator-server.ts";
import type { World } from "./world.ts";

/** Simulated time between two ticks. */
const STEP_MS = 10_000;
/** After the end the last hour is still stated. */
const AFTER_END_MS = 300_000;
/** How long the replay waits in silence before it says for whom. */
const PATIENCE_MS = 5_000;

export interface ReplayOptions {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  /** Of one scenario, so with the same times. */
  readonly worlds: readonly World[];
  /** Where agents reach the simulated machines. */
  readonly host: string;
  readonly port: number;
  /** Simulated seconds a second at most; infinite for as fast as the loop follows. */
  readonly speed: number;
  /** Whether time waits for the processor and the agents; if not, leases end when one of them is gone. */
  readonly waits: boolean;
  readonly log: Logger;
  readonly onListening?: (port: number) => void;
  /** Told the share done, 0 to 1, once a simulated hour. */
  readonly onProgress?: (share: number) => void;
  readonly signal: AbortSignal;
}

/** Gives a replay the log it needs: every topic with CreateTime, and no time on it yet. */
export async function prepareLog(broker: Broker, partitions: number | undefined): Promise<void> {
  await broker.createTopics(
    topicDeclarations().map((topic) => ({
      name: topic.name,
      partitions: partitions ?? topic.partitions,
      cleanup: topic.cleanup,
      // By their simulated time most records are past any retention when they are written.
      retentionMs: -1,
      timestamps: "CreateTime" as const,
    })),
  );
  const count = await broker.partitionCount("carm.ticks");
  const ends = await broker.endPositions(
    Array.from({ length: count }, (_, partition) => ({ topic: "carm.ticks", partition })),
  );
  if (ends.every(({ offset }) => offset === 0)) return;
  throw new CarmError(
    "ERR_OPTION_INVALID",
    "carm.ticks already holds time, and a replay starts its own; give it a broker of its own, or delete the carm.* topics first",
  );
}

/**
 * Is the world of a simulated run: publishes the clusters, their policies and profiles, and their past, then moves
 * simulated time, with which come grid hours, request windows and ticks; agents act on its machines over a socket.
 * The time of every record is simulated time.
 */
export async function replay(options: ReplayOptions): Promise<void> {
  const { broker, codec, worlds, signal, log } = options;
  const { startsAt, endsAt } = worlds[0]!.scenario;
  const clusters = new Map(worlds.map(({ scenario, cluster }) => [scenario.cluster.cluster, cluster]));
  const server = await SimulatorServer.listen({ host: options.host, port: options.port, clusters });
  options.onListening?.(server.port);
  const count = await broker.partitionCount("carm.ticks");
  const partitions = [...new Set([...clusters.keys()].map((cluster) => partitionOf(cluster, count)))];
  const publisher = await createPublisher(broker, codec);
  const progress = await ProcessorProgress.open(broker, codec, partitions);
  try {
    for (const { scenario, planner } of worlds) {
      for (const { topic, record, dueAt } of historyRecords(scenario, planner))
        publisher.add(topic, record as never, dueAt);
    }
    await publisher.flush();
    log.info({ clusters: [...clusters.keys()] }, "published clusters, policies, profiles and their past");
    if (options.waits) await waitForAgents(server, log, signal);

    const gridHours = worlds.map(({ scenario }) => gridRecordsAfterStart(scenario));
    const pace = new Pace(options.speed);
    for (let nowMs = startsAt; nowMs <= endsAt + AFTER_END_MS && !signal.aborted; nowMs += STEP_MS) {
      await pace.until(nowMs - startsAt, signal);
      for (const [i, { cluster }] of worlds.entries()) {
        cluster.advanceTo(nowMs);
        const hours = gridHours[i]!;
        while (hours[0] !== undefined && hours[0].dueAt <= nowMs) {
          publisher.add("carm.grid-intensity", hours.shift()!.record, nowMs);
        }
        for (const window of cluster.takeRequestWindows()) publisher.add("carm.request-rate", window, nowMs);
      }
      // Everything of a moment lies on the log before its tick.
      await publisher.flush();
      for (const partition of partitions) {
        publisher.add("carm.ticks", { cluster: "", observedAt: nowMs, partition }, nowMs);
      }
      await publisher.flush();
      if (options.waits) await waitForProcessor(progress, nowMs, log, signal);
      server.announce(nowMs);
      if (options.waits) await waitForAgents(server, log, signal);
      if ((nowMs - startsAt) % 3_600_000 === 0)
        options.onProgress?.((nowMs - startsAt) / (endsAt - startsAt));
    }
  } finally {
    await Promise.all([publisher.close(), progress.close()]);
    await server.close();
  }
}

async function waitForAgents(server: SimulatorServer, log: Logger, signal: AbortSignal): Promise<void> {
  for (;;) {
    await server.settled(PATIENCE_MS, signal);
    const missing = server.waitingFor;
    if (missing.length === 0 || signal.aborted) return;
    const names = missing.map(({ cluster, node }) => `${cluster}/${node ?? "scheduler"}`);
    log.warn({ agents: names }, "time stands still until these agents have acted");
  }
}

async function waitForProcessor(
  progress: ProcessorProgress,
  tickAt: number,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && !(await progress.through(tickAt, PATIENCE_MS))) {
    log.warn("time stands still until a processor has taken the latest tick; is carm processor running?");
  }
}
