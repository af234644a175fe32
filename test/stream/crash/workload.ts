import assert from "node:assert/strict";
import { createPublisher } from "../../../src/client/index.ts";
import { carmProcessor } from "../../../src/processor/index.ts";
import { type Processor, verifyPartition } from "../../../src/stream/index.ts";
import { liveMinute } from "../../support/live-cluster.ts";
import { intensity, type Log, outgoing, requests, startAt, tick } from "../harness.ts";
import { traceProcessor } from "../trace-processor.ts";
import { expectFold } from "./fold.ts";
import type { Random } from "./random.ts";

/** What the processes of a simulation are given to do. */
export interface Workload {
  readonly processor: Processor;
  readonly isDone: boolean;
  /** Time of the newest records, epoch milliseconds. */
  readonly nowMs: number;
  /** From the first record to the last. */
  readonly spanMs: number;
  /** Puts a few more records on the log. */
  send(log: Log, random: Random): Promise<void>;
  /** Throws if what a partition has come to is not the fold of its input; returns the number of records taken. */
  expectFold(log: Log, partition: number): Promise<number>;
}

export type WorkloadName = "trace" | "carm";

export function createWorkload(name: WorkloadName): Workload {
  return name === "trace" ? new TraceWorkload() : new CarmWorkload();
}

const traceRecords = 80;

/** Records of little meaning for a processor whose every output depends on all steps before it. */
class TraceWorkload implements Workload {
  readonly processor = traceProcessor();
  readonly expectFold = expectFold;
  readonly spanMs = traceRecords * 100;
  #sent = 0;

  get isDone(): boolean {
    return this.#sent >= traceRecords;
  }

  get nowMs(): number {
    return startAt + this.#sent * 100;
  }

  async send(log: Log, { draw }: Random): Promise<void> {
    const producer = await log.broker.producer();
    const clusters = ["lab", "edge", "hall-7"];
    for (let left = draw(1, 8); left > 0; left--) {
      const n = this.#sent++;
      const cluster = clusters[draw(0, 2)]!;
      const kind = draw(0, 5);
      if (kind === 0) await producer.send([tick(log, this.nowMs, draw(0, log.partitions - 1))]);
      else if (kind < 3) {
        await producer.send([outgoing(log, "carm.grid-intensity", intensity(cluster, this.nowMs, n))]);
      } else await producer.send([outgoing(log, "carm.request-rate", requests(cluster, this.nowMs, n))]);
    }
  }
}

const carmMinutes = 25;
const ticksPerMinute = 3;

/** Live clusters and CA-RM itself: its decisions, plans, job records and ledger must be those of the fold. */
class CarmWorkload implements Workload {
  readonly processor = carmProcessor;
  readonly spanMs = carmMinutes * 60_000;
  #minute = 0;

  get isDone(): boolean {
    return this.#minute >= carmMinutes;
  }

  get nowMs(): number {
    return startAt + this.#minute * 60_000;
  }

  async send(log: Log): Promise<void> {
    const publisher = await createPublisher(log.broker, log.codec);
    for (const cluster of ["lab", "edge", "hall-7"]) {
      const options = { cluster, nodes: 1, jobs: 2, leaseMs: 300_000 };
      for (const { topic, value } of liveMinute(options, startAt, this.nowMs)) {
        publisher.add(topic, value as never, this.nowMs);
      }
    }
    await publisher.close();
    const producer = await log.broker.producer();
    for (let i = 0; i < ticksPerMinute * log.partitions; i++) {
      const at = this.nowMs + (Math.floor(i / log.partitions) * 60_000) / ticksPerMinute;
      await producer.send([tick(log, at, i % log.partitions)]);
    }
    this.#minute += 1;
  }

  async expectFold({ broker, codec }: Log, partition: number): Promise<number> {
    const { differences, inputRecords } = await verifyPartition({
      broker,
      codec,
      processor: this.processor,
      partition,
    });
    assert.deepEqual(differences, []);
    return inputRecords;
  }
}
