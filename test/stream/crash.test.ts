import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, test } from "vitest";
import type { StateStores, Worker } from "../../src/stream/index.ts";
import { createMemoryStores, createWorker } from "../../src/stream/index.ts";
import { type FaultyBroker, withFaults } from "./faults.ts";
import { expectFold } from "./fold.ts";
import { createLog, intensity, type Log, outgoing, requests, startAt, tick } from "./harness.ts";
import { traceProcessor } from "./trace-processor.ts";

const partitions = 2;
const recordsPerRun = 80;

type Draw = (min: number, max: number) => number;

interface Member {
  readonly faulty: FaultyBroker;
  readonly stores: StateStores;
  readonly worker: Worker;
  /** The round in which the worker was stopped. */
  stoppedRound: Promise<unknown> | undefined;
}

/** A run of several workers over one log; all that happens in it follows from the seed. */
class Run {
  readonly #draw: Draw;
  readonly #log: Log;
  #members: Member[] = [];
  /** Folders of machines whose worker has died. */
  readonly #folders: StateStores[] = [];
  #sent = 0;
  #nowMs = 0;
  /** Only a worker that is driven can be stopped. */
  #mayStop = false;
  happened = { crashes: 0, failures: 0, fenced: 0, restores: new Set<string>() };

  constructor(log: Log, draw: Draw) {
    this.#log = log;
    this.#draw = draw;
  }

  async play(): Promise<void> {
    while (this.#sent < recordsPerRun) {
      if (this.#members.length === 0 || (this.#members.length < 3 && this.#chance(8))) await this.#join(true);
      if (this.#chance(40)) await this.#send(this.#draw(1, 8));
      await this.#drive(this.#members[this.#draw(0, this.#members.length - 1)]);
    }
    for (const member of [...this.#members]) await this.#bury(member);
    await this.#join(false);
    const [last] = this.#members;
    await last!.worker.runUntilIdle();
    await last!.worker.close();
  }

  /** A new worker, in a new folder or in that of one that died. */
  async #join(canFail: boolean): Promise<void> {
    const { broker, codec } = this.#log;
    const faulty = withFaults(broker, () => {
      if (!canFail) return "works";
      const throwOf = this.#draw(0, 999);
      if (throwOf < 12) return "crashes";
      if (throwOf >= 48) return "works";
      if (throwOf >= 36) return this.#mayStop ? "sleeps" : "works";
      this.happened.failures += 1;
      return throwOf < 24 ? "fails" : "works, then fails";
    });
    const stores = (this.#chance(60) ? this.#folders.pop() : undefined) ?? createMemoryStores();
    try {
      const worker = await createWorker({
        broker: faulty.broker,
        codec,
        processor: traceProcessor(),
        stores,
        logIdentity: "log",
        clock: { monotonicMs: () => this.#nowMs++, epochMs: () => startAt },
        limits: {
          maxRecordsPerTransaction: this.#draw(1, 12),
          maxCommitsPerFlush: this.#draw(1, 5),
          maxCachedEntries: this.#draw(1, 20),
          positionCommitIntervalMs: 50,
          mergeWaitMs: this.#draw(0, 30),
          taskRestartDelayMs: 0,
          restorePollMs: 1,
        },
      });
      this.#members.push({ faulty, stores, worker, stoppedRound: undefined });
    } catch {
      await faulty.expireSession();
    }
  }

  /** Lets a worker go on for one round. It may die in it, or be stopped and go on later, as a zombie by then. */
  async #drive(member: Member | undefined): Promise<void> {
    if (member === undefined) return;
    if (member.stoppedRound === undefined && this.#chance(2)) return this.#leaveInPeace(member);
    const { faulty } = member;
    const stopped = faulty.stopped().then(() => true);
    if (member.stoppedRound !== undefined && !this.#chance(25)) return;
    this.#mayStop = true;
    faulty.wake();
    const round = member.stoppedRound ?? member.worker.runOnce(0);
    try {
      const isStopped = await Promise.race([round.then(() => false), stopped]);
      member.stoppedRound = isStopped ? round : undefined;
      round.catch(() => {});
      // Its group gives a stopped member's partitions away.
      if (isStopped) await faulty.expireSession();
    } catch {
      await this.#bury(member);
    } finally {
      this.#mayStop = false;
    }
  }

  async #leaveInPeace(member: Member): Promise<void> {
    await member.worker.close().catch(() => {});
    await this.#bury(member);
  }

  async #bury(member: Member): Promise<void> {
    const { metrics } = member.worker;
    this.happened.crashes += member.faulty.isDead ? 1 : 0;
    this.happened.fenced += metrics.fenced;
    for (const reason of Object.keys(metrics.restoresByReason)) this.happened.restores.add(reason);
    this.#members = this.#members.filter((other) => other !== member);
    await member.faulty.expireSession();
    // The operating system closes the files of a dead process; a flush can't happen, the broker is out of reach.
    member.faulty.kill();
    member.faulty.wake();
    await member.stoppedRound?.catch(() => {});
    await member.worker.close().catch(() => {});
    this.#folders.push(member.stores);
  }

  async #send(records: number): Promise<void> {
    const producer = await this.#log.broker.producer();
    const clusters = ["lab", "edge", "hall-7"];
    for (let i = 0; i < records; i++) {
      const n = this.#sent++;
      const at = startAt + n * 100;
      const cluster = clusters[this.#draw(0, 2)]!;
      const kind = this.#draw(0, 5);
      if (kind === 0) await producer.send([tick(this.#log, at, this.#draw(0, partitions - 1))]);
      else if (kind < 3) {
        await producer.send([outgoing(this.#log, "carm.grid-intensity", intensity(cluster, at, n))]);
      } else await producer.send([outgoing(this.#log, "carm.request-rate", requests(cluster, at, n))]);
    }
  }

  #chance(percent: number): boolean {
    return this.#draw(0, 99) < percent;
  }
}

async function play(seed: number): Promise<Run["happened"]> {
  const random = xoroshiro128plus(seed);
  const draw: Draw = (min, max) => uniformInt(random, min, max);
  const log = await createLog(partitions, { visibilityLag: { maxCalls: draw(0, 8), seed } });
  const run = new Run(log, draw);
  await run.play();
  // Lagging effects become visible as calls go by.
  for (let i = 0; i < 20; i++) await log.broker.partitionCount("carm.ticks");
  let taken = 0;
  for (let partition = 0; partition < partitions; partition++) taken += await expectFold(log, partition);
  expect(taken).toBeGreaterThanOrEqual(recordsPerRun);
  return run.happened;
}

describe("whatever fails, and wherever", () => {
  const seeds = Number(process.env["CARM_CRASH_SEEDS"] ?? 150);
  const first = Number(process.env["CARM_CRASH_FIRST_SEED"] ?? 1);

  test(`state, outputs and interleavings equal a plain fold of the input (${seeds} seeds)`, async () => {
    const totals = { crashes: 0, failures: 0, fenced: 0, restores: new Set<string>() };
    for (let seed = first; seed < first + seeds; seed++) {
      try {
        const happened = await play(seed);
        totals.crashes += happened.crashes;
        totals.failures += happened.failures;
        totals.fenced += happened.fenced;
        for (const reason of happened.restores) totals.restores.add(reason);
      } catch (cause) {
        throw new Error(`CARM_CRASH_FIRST_SEED=${seed} CARM_CRASH_SEEDS=1 npx vitest run test/stream/crash`, {
          cause,
        });
      }
    }
    if (seeds < 100) return;
    // The run is worth nothing if these did not happen.
    expect(totals.crashes).toBeGreaterThan(seeds / 2);
    expect(totals.failures).toBeGreaterThan(seeds / 2);
    expect(totals.fenced).toBeGreaterThan(seeds / 5);
    expect([...totals.restores].sort()).toEqual(expect.arrayContaining(["empty", "tail"]));
  });
});
