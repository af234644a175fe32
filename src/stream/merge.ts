import type { IncomingRecord } from "../broker/broker.ts";
import { CarmError, type Interleaving, type Run } from "../records/index.ts";

/** A record taken from the merge; `rank` is the place of its topic among the processor's inputs. */
export interface Taken {
  readonly rank: number;
  readonly record: IncomingRecord;
}

/**
 * Puts the inputs of one partition into one order: lowest (append time, topic rank, offset) first. An input that is
 * empty but not read to its end could still bring an earlier record, so it holds the others, each for at most
 * `mergeWaitMs` from its arrival.
 */
export class Merge {
  readonly #queues: Queue[];
  readonly #mergeWaitMs: number;
  #length = 0;

  constructor(inputs: number, mergeWaitMs: number) {
    this.#queues = Array.from({ length: inputs }, () => new Queue());
    this.#mergeWaitMs = mergeWaitMs;
  }

  /** Records that wait here. */
  get length(): number {
    return this.#length;
  }

  lengthOf(rank: number): number {
    return this.#queues[rank]!.length;
  }

  /** Offset of the next record of an input, if it has one. */
  nextOffset(rank: number): number | undefined {
    return this.#queues[rank]!.head?.offset;
  }

  /** Adds a record behind those of its input. What was known to be drained may have grown meanwhile. */
  push(rank: number, record: IncomingRecord, nowMs: number): void {
    this.#queues[rank]!.push(record, nowMs);
    this.#length += 1;
    for (const queue of this.#queues) queue.drained = false;
  }

  /** Notes that an input has nothing more on the log than what was pushed. */
  markDrained(rank: number): void {
    this.#queues[rank]!.drained = true;
  }

  /** Takes up to `limit` records that need not wait; appends them to `into`. */
  take(limit: number, nowMs: number, into: Taken[]): void {
    const queues = this.#queues;
    while (into.length < limit && this.#length > 0) {
      let best: Queue | undefined;
      let rank = -1;
      let held = false;
      for (let i = 0; i < queues.length; i++) {
        const queue = queues[i]!;
        if (queue.head === undefined) held ||= !queue.drained;
        else if (best === undefined || queue.head.timestamp < best.head!.timestamp) {
          best = queue;
          rank = i;
        }
      }
      if (held && nowMs - best!.headArrivedAtMs < this.#mergeWaitMs) return;
      into.push({ rank, record: best!.shift() });
      this.#length -= 1;
    }
  }
}

const compactAbove = 1_024;

/** First in, first out, without moving the rest at each step. */
class Queue {
  readonly #records: IncomingRecord[] = [];
  readonly #arrivedAtMs: number[] = [];
  #first = 0;
  head: IncomingRecord | undefined = undefined;
  drained = false;

  get length(): number {
    return this.#records.length - this.#first;
  }

  get headArrivedAtMs(): number {
    return this.#arrivedAtMs[this.#first]!;
  }

  push(record: IncomingRecord, nowMs: number): void {
    this.#records.push(record);
    this.#arrivedAtMs.push(nowMs);
    this.head ??= record;
  }

  shift(): IncomingRecord {
    const record = this.#records[this.#first]!;
    this.#first += 1;
    if (this.#first === this.#records.length || this.#first > compactAbove) {
      this.#records.splice(0, this.#first);
      this.#arrivedAtMs.splice(0, this.#first);
      this.#first = 0;
    }
    this.head = this.#records[this.#first];
    return record;
  }
}

/** The order in which records were taken, as it is written to the log. `inputs` is the number of input topics. */
export function describeInterleaving(
  taken: readonly Taken[],
  partition: number,
  inputs: number,
): Omit<Interleaving, "decidesFrom" | "incarnation"> {
  const startOffsets = new Array<number>(inputs).fill(-1);
  const runs: Run[] = [];
  for (const { rank, record } of taken) {
    if (startOffsets[rank] === -1) startOffsets[rank] = record.offset;
    const last = runs.at(-1);
    if (last?.topicRank === rank) last.count += 1;
    else runs.push({ topicRank: rank, count: 1 });
  }
  return { cluster: "", observedAt: taken.at(-1)!.record.timestamp, partition, startOffsets, runs };
}

/**
 * Takes records of each input, given in offset order by rank, as a recorded interleaving says. Throws
 * ERR_OPTION_INVALID if one is not there any more.
 */
export function replayInterleaving(
  interleaving: Pick<Interleaving, "startOffsets" | "runs">,
  inputs: readonly (readonly IncomingRecord[])[],
): Taken[] {
  const next = inputs.map((records, rank) => {
    const start = interleaving.startOffsets[rank]!;
    return start < 0 ? -1 : records.findIndex(({ offset }) => offset === start);
  });
  const taken: Taken[] = [];
  for (const { topicRank: rank, count } of interleaving.runs) {
    for (let i = 0; i < count; i++) {
      const record = inputs[rank]![next[rank]!++];
      if (record === undefined) {
        const message = `A record of input ${rank}, from ${interleaving.startOffsets[rank]} on, is no longer on the log.`;
        throw new CarmError("ERR_OPTION_INVALID", message);
      }
      taken.push({ rank, record });
    }
  }
  return taken;
}
