import assert from "node:assert/strict";
import { createWorker, type Worker } from "../../../src/stream/index.ts";
import { restore } from "../../../src/stream/restore.ts";
import { createLog, type Log, readAll } from "../harness.ts";
import { createDisk, type Disk } from "./disk.ts";
import { type Fate, type FaultyProcess, withFaults } from "./faults.ts";
import { materializeAll } from "./fold.ts";
import { type Random, seeded } from "./random.ts";
import { createWorkload, type Workload, type WorkloadName } from "./workload.ts";

const partitions = 2;
const maxMembers = 3;

/** As shares of the time that a run spans: how long tombstones stay on the changelog, how old local state may be... */
const tombstoneShare = 0.4;
const localStateShare = 0.25;
/** ...and how far the clocks of machines are off. */
const skewShare = 0.05;

/** What happened in a run: a simulation in which nothing goes wrong proves nothing. */
export interface Happened {
  crashes: number;
  failures: number;
  fenced: number;
  handOvers: number;
  fullDisks: number;
  damagedFolders: number;
  behind: number;
  /** By reason. */
  readonly restores: Map<string, number>;
}

/**
 * Plays one seed: several workers over one log, with a crash, a failure or a stop possible at every call that waits, and
 * disks that fill up, break or are emptied. Throws unless outputs, state, order of the input and every state folder that
 * is left agree with a fold of the committed input.
 */
export async function simulate(seed: number, name: WorkloadName): Promise<Happened> {
  const random = seeded(seed);
  const visibilityLag = { maxCalls: random.draw(0, 8), seed };
  const workload = createWorkload(name);
  const tombstoneRetentionMs = workload.spanMs * tombstoneShare;
  const log = await createLog(partitions, {
    visibilityLag,
    cleanAfterRecords: 30,
    tombstoneRetentionMs,
    now: () => workload.nowMs,
  });
  const run = new Simulation(log, random, workload);
  await run.play();
  // Lagging effects become visible as calls go by.
  for (let i = 0; i < 20; i++) await log.broker.partitionCount("carm.ticks");
  let taken = 0;
  for (let partition = 0; partition < partitions; partition++) {
    taken += await workload.expectFold(log, partition);
    await run.expectHonestFolders(partition);
  }
  assert.ok(taken > 0, "nothing was processed");
  return run.happened;
}

interface Member {
  readonly process: FaultyProcess;
  readonly disk: Disk;
  readonly worker: Worker;
  /** The round in which the worker was stopped. */
  stoppedRound: Promise<unknown> | undefined;
}

class Simulation {
  readonly #random: Random;
  readonly #log: Log;
  readonly #workload: Workload;
  #members: Member[] = [];
  /** Disks of machines whose worker has died. */
  readonly #disks: Disk[] = [];
  #monotonicMs = 0;
  /** Only a worker that is driven can be stopped. */
  #mayStop = false;
  readonly happened: Happened = {
    crashes: 0,
    failures: 0,
    fenced: 0,
    handOvers: 0,
    fullDisks: 0,
    damagedFolders: 0,
    behind: 0,
    restores: new Map(),
  };

  constructor(log: Log, random: Random, workload: Workload) {
    this.#log = log;
    this.#random = random;
    this.#workload = workload;
  }

  async play(): Promise<void> {
    const { chance, draw } = this.#random;
    while (!this.#workload.isDone) {
      const isLonely = this.#members.length === 0;
      if (isLonely || (this.#members.length < maxMembers && chance(8))) await this.#join(true);
      if (chance(40)) await this.#workload.send(this.#log, this.#random);
      await this.#drive(this.#members[draw(0, this.#members.length - 1)]);
    }
    for (const member of [...this.#members]) await this.#bury(member);
    await this.#join(false);
    const [last] = this.#members;
    await last!.worker.runUntilIdle();
    await last!.worker.close();
    await this.#bury(last!);
  }

  /** Each folder that would be trusted gives, once it has caught up, the state that is on the log. */
  async expectHonestFolders(partition: number): Promise<void> {
    const { broker } = this.#log;
    const state = materializeAll(await readAll(broker, "carm.changelog", partition));
    for (const disk of this.#disks) {
      disk.isFull = false;
      const { store } = await restore({
        broker,
        stores: disk.stores,
        name: `${this.#workload.processor.name}/${partition}`,
        identity: { log: "log", topic: "carm.changelog", partition },
        maxLocalStateAgeMs: this.#workload.spanMs * localStateShare,
        pollMs: 1,
        epochMs: () => this.#workload.nowMs,
      });
      try {
        assert.deepEqual(materializeAll(store.range(Uint8Array.of())), state);
      } catch (error) {
        // A folder may be damaged; then it says so.
        assert.equal((error as { code?: string }).code, "ERR_STATE_CORRUPT", error as Error);
      } finally {
        await store.close();
      }
    }
  }

  /** A new worker, on a new machine or on that of one that died. */
  async #join(canFail: boolean): Promise<void> {
    const { broker, codec } = this.#log;
    const { draw } = this.#random;
    const disk = await this.#machine();
    const process = withFaults(broker, () => (canFail ? this.#fate() : "works"), disk.stores);
    const { spanMs } = this.#workload;
    const skewMs = draw(-spanMs, spanMs) * skewShare;
    try {
      const worker = await createWorker({
        broker: process.broker,
        codec,
        processor: this.#workload.processor,
        stores: process.stores,
        logIdentity: "log",
        clock: {
          monotonicMs: () => this.#monotonicMs++,
          epochMs: () => this.#workload.nowMs + skewMs,
        },
        limits: {
          maxRecordsPerTransaction: draw(1, 12),
          maxCommitsPerFlush: draw(1, 5),
          maxCachedEntries: draw(1, 20),
          maxDecisionLagMs: draw(1, spanMs),
          maxLocalStateAgeMs: spanMs * localStateShare,
          positionCommitIntervalMs: 50,
          mergeWaitMs: draw(0, 30),
          taskRestartDelayMs: 0,
          maxTaskFailuresInARow: 8,
          restorePollMs: 1,
        },
      });
      this.#members.push({ process, disk, worker, stoppedRound: undefined });
    } catch {
      await process.expireSession();
      this.#disks.push(disk);
    }
  }

  async #machine(): Promise<Disk> {
    const { chance, draw } = this.#random;
    const disk = (chance(60) ? this.#disks.pop() : undefined) ?? createDisk();
    if (chance(15)) {
      this.happened.damagedFolders += 1;
      const store = `${this.#workload.processor.name}/${draw(0, partitions - 1)}`;
      if (chance(40)) await disk.remove(store);
      else disk.corrupt(store, chance(50) ? "open" : "read");
    }
    return disk;
  }

  #fate(): Fate {
    const throwOf = this.#random.draw(0, 999);
    if (throwOf < 12) return "crashes";
    if (throwOf >= 48) return "works";
    if (throwOf >= 36) return this.#mayStop ? "sleeps" : "works";
    this.happened.failures += 1;
    return throwOf < 24 ? "fails" : "works, then fails";
  }

  /** Lets a worker go on for one round. It may die in it, or be stopped and go on later, as a zombie by then. */
  async #drive(member: Member | undefined): Promise<void> {
    if (member === undefined) return;
    const { chance } = this.#random;
    if (member.stoppedRound === undefined && chance(2)) return this.#leaveInPeace(member);
    const { process, disk } = member;
    if (chance(disk.isFull ? 20 : 1)) this.#setFull(disk, !disk.isFull);
    const stopped = process.stopped().then(() => true);
    if (member.stoppedRound !== undefined && !chance(25)) return;
    this.#mayStop = true;
    process.wake();
    const round = member.stoppedRound ?? member.worker.runOnce(0);
    try {
      const isStopped = await Promise.race([round.then(() => false), stopped]);
      member.stoppedRound = isStopped ? round : undefined;
      round.catch(() => {});
      // Its group gives a stopped member's partitions away.
      if (isStopped) await process.expireSession();
    } catch {
      await this.#bury(member);
    } finally {
      this.#mayStop = false;
    }
  }

  #setFull(disk: Disk, isFull: boolean): void {
    disk.isFull = isFull;
    if (isFull) this.happened.fullDisks += 1;
  }

  async #leaveInPeace(member: Member): Promise<void> {
    this.happened.handOvers += 1;
    await member.worker.close().catch(() => {});
    await this.#bury(member);
  }

  async #bury(member: Member): Promise<void> {
    const { process, disk, worker } = member;
    this.happened.crashes += process.isDead ? 1 : 0;
    this.happened.fenced += worker.metrics.fenced;
    this.happened.behind += worker.metrics.recordsBehind;
    for (const [reason, times] of Object.entries(worker.metrics.restoresByReason)) {
      this.happened.restores.set(reason, (this.happened.restores.get(reason) ?? 0) + times);
    }
    this.#members = this.#members.filter((other) => other !== member);
    await process.expireSession();
    // The operating system closes the files of a dead process; a flush can't happen, the broker is out of reach.
    process.kill();
    process.wake();
    await member.stoppedRound?.catch(() => {});
    await worker.close().catch(() => {});
    this.#setFull(disk, false);
    this.#disks.push(disk);
  }
}
