import { createManualClock } from "../../agent/index.ts";
import type { Planner } from "../../planners/index.ts";
import { createCarmProcessor } from "../../processor/index.ts";
import { CarmError, type TopicName, type TopicRecords } from "../../records/index.ts";
import type { Scenario } from "../scenario.ts";
import { createSimulatedCluster } from "../simulated-cluster.ts";
import { FastAgents } from "./fast-agents.ts";
import { HeapState } from "./heap-state.ts";
import { InOrder, type LogRecord } from "./in-order.ts";

/** Simulated time between two rounds at the least, as in a run on a broker: ticks, agents, processor. */
const STEP_MS = 10_000;
const TELEMETRY_INTERVAL_MS = 60_000;
/** After the end the last hour is still stated. */
const AFTER_END_MS = 300_000;

/** A record that comes from outside the simulated cluster, and when it is on the log. */
export interface ReplayedRecord {
  readonly dueAt: number;
  readonly topic: TopicName;
  readonly record: TopicRecords[TopicName];
}

export interface FastRunOptions {
  readonly scenario: Scenario;
  /** What the policy's planner name stands for; whatever the name is. */
  readonly planner: Planner;
  /** What is known before the start and what comes during the run, by rising `dueAt`. */
  readonly replayed: readonly ReplayedRecord[];
  /** Told every record of the run but replayed ones, ticks and telemetry, in the order of its topic. */
  readonly onRecord: (topic: TopicName, value: never) => void;
}

/**
 * Runs a scenario through the same step, agents and machines as a run on a broker does, with plain objects: no bytes,
 * no transactions, no store. Rounds in which nothing can happen are left out, so leases are renewed at other moments;
 * everything that is decided, done and booked is the same.
 */
export async function runFast(options: FastRunOptions): Promise<void> {
  const { scenario, planner, replayed, onRecord } = options;
  const processor = createCarmProcessor(() => planner);
  const name = scenario.cluster.cluster;
  const clock = createManualClock(scenario.startsAt);
  const cluster = createSimulatedCluster(scenario);
  const state = new HeapState();
  const waiting = new InOrder(processor.inputs);
  const publish = (topic: TopicName, value: TopicRecords[TopicName]): void => {
    if (topic !== "carm.gpu-telemetry") onRecord(topic, value as never);
    waiting.add(topic, value, clock.wallMs());
  };
  const agents = new FastAgents({ scenario, cluster, clock, publish });
  const step = (record: LogRecord): void => {
    const place = { cluster: name, partition: 0, isBehind: false, incarnation: 1 };
    const outputs = processor.step(state, { ...record, ...place } as never);
    for (const output of outputs) {
      if ("refused" in output) throw new CarmError(output.refused.reason, output.refused.detail);
      // What was decided about a job that has ended is of no use to anyone here.
      if (!("value" in output)) continue;
      onRecord(output.topic, output.value as never);
      if (output.topic === "carm.decisions") agents.decided(output.value);
    }
  };

  let next = 0;
  for (let nowMs = scenario.startsAt; nowMs <= scenario.endsAt + AFTER_END_MS; nowMs += STEP_MS) {
    clock.advanceTo(nowMs);
    cluster.advanceTo(nowMs);
    for (; next < replayed.length && replayed[next]!.dueAt <= nowMs; next += 1) {
      const { topic, record, dueAt } = replayed[next]!;
      waiting.add(topic, record, dueAt);
    }
    for (const window of cluster.takeRequestWindows()) publish("carm.request-rate", window);
    if (nowMs % TELEMETRY_INTERVAL_MS === 0) await agents.publishTelemetry();
    const isQuiet = waiting.isEmpty && !state.holds("planning") && !agents.isDue;
    if (isQuiet) continue;
    waiting.add("carm.ticks", { cluster: "", observedAt: nowMs, partition: 0 }, nowMs);
    for (const record of waiting.takeAll()) step(record);
    await agents.reconcile();
  }
}
