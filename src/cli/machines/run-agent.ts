import { setTimeout as sleep } from "node:timers/promises";
import {
  type BrokerDecisionFeed,
  createDecisionFeed,
  type NodeAgent,
  type Publish,
  type SchedulerAgent,
  systemClock,
} from "../../agent/index.ts";
import { createPublisher } from "../../client/index.ts";
import { CarmError } from "../../records/index.ts";
import type { Session } from "../runtime/configured.ts";

/** Longest time between two passes, ms: how late a decision can be followed. */
const PASS_INTERVAL_MS = 1_000;
/** A sample of telemetry every so often, ms. */
const TELEMETRY_INTERVAL_MS = 10_000;
/** How often a release is tried when the agent is told to end, once a second. */
const STOP_TRIES = 10;

export interface RunAgentOptions {
  readonly session: Session;
  readonly cluster: string;
  readonly signal: AbortSignal;
  readonly create: (feed: BrokerDecisionFeed, publish: Publish) => NodeAgent | SchedulerAgent;
  /** True once, if boards or jobs that were left to somebody else are to be taken back. */
  readonly reclaims: () => Promise<boolean>;
  readonly onReady: () => void;
}

/** Runs an agent of real machines until the signal ends, then releases what it set. Throws if something stays set. */
export async function runAgent(options: RunAgentOptions): Promise<void> {
  const { session, cluster, signal, reclaims, onReady } = options;
  const { broker, codec, log } = session;
  const feed = createDecisionFeed({ broker, codec, cluster });
  const publisher = await createPublisher(broker, codec);
  const publish: Publish = async (topic, value) => {
    publisher.add(topic, value, systemClock.wallMs());
    await publisher.flush();
  };
  const agent = options.create(feed, publish);
  let telemetryAtMs = 0;
  let trouble = "";
  try {
    while (!signal.aborted) {
      if (await reclaims()) agent.reclaim();
      const result = await agent.reconcile();
      if (result.status === "terminal") {
        throw new CarmError(
          "ERR_ACTUATOR_FAILED",
          "Another agent has taken over; start this one again to wait for it.",
        );
      }
      const error = result.status === "again" ? result.error : null;
      // Said when it changes: a broker that is away would fill the log with every pass.
      if (error !== null && error.message !== trouble) log.warn({ err: error }, "a pass failed");
      else if (error === null && trouble !== "") log.info("passes succeed again");
      trouble = error?.message ?? "";
      onReady();
      if ("publishTelemetry" in agent && systemClock.monotonicMs() >= telemetryAtMs) {
        telemetryAtMs = systemClock.monotonicMs() + TELEMETRY_INTERVAL_MS;
        await agent
          .publishTelemetry()
          .catch((err: unknown) => log.warn({ err }, "a sample of telemetry is lost"));
      }
      const waitMs =
        result.status === "again" ? Math.min(result.afterMs, PASS_INTERVAL_MS) : PASS_INTERVAL_MS;
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await stopped(agent);
    await feed.close();
    await publisher.close().catch((err: unknown) => log.warn({ err }, "the last reports may be lost"));
  }
}

async function stopped(agent: NodeAgent | SchedulerAgent): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await agent.stop();
    } catch (error) {
      if (tries === STOP_TRIES) throw error;
      await sleep(1_000);
    }
  }
}
