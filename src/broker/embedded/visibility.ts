import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface VisibilityLag {
  /** Each effect of a commit or abort waits for 0 to this many later calls of the broker, drawn by the seed. */
  readonly maxCalls: number;
  readonly seed: number;
}

interface Pending {
  readonly owner: object;
  readonly dueAtCall: number;
  readonly effect: () => void;
}

/** Effects of ended transactions that are decided, but not to be seen yet. As on Kafka, each partition has its own. */
export class Visibility {
  readonly #maxCalls: number;
  readonly #random;
  #calls = 0;
  #pending: Pending[] = [];

  constructor(lag: VisibilityLag) {
    this.#maxCalls = lag.maxCalls;
    this.#random = xoroshiro128plus(lag.seed);
  }

  get isSettled(): boolean {
    return this.#pending.length === 0;
  }

  /** Lets an effect happen, at once without a lag. `owner` is whose effects `settle` hurries. */
  schedule(owner: object, effect: () => void): void {
    const lag = this.#maxCalls === 0 ? 0 : uniformInt(this.#random, 0, this.#maxCalls);
    if (lag === 0) effect();
    else this.#pending.push({ owner, dueAtCall: this.#calls + lag, effect });
  }

  /** Counts a call of the broker and lets what is due happen. */
  countCall(): void {
    this.#calls++;
    if (this.#pending.length > 0) this.#run((pending) => pending.dueAtCall <= this.#calls);
  }

  /** Lets everything of `owner` happen now, as a producer that starts or goes on waits for its last transaction. */
  settle(owner: object): void {
    if (this.#pending.length > 0) this.#run((pending) => pending.owner === owner);
  }

  #run(isDue: (pending: Pending) => boolean): void {
    const due = this.#pending.filter(isDue);
    this.#pending = this.#pending.filter((pending) => !isDue(pending));
    for (const pending of due) pending.effect();
  }
}
