import type { BrokerDecisionFeed, DecisionFeed, DecisionUpdate } from "../../agent/index.ts";

/** One reader of a cluster's decisions for all the agents that a process runs for it. */
export class SharedFeed {
  readonly #source: BrokerDecisionFeed;
  readonly #queues: DecisionUpdate[][] = [];

  constructor(source: BrokerDecisionFeed) {
    this.#source = source;
  }

  /** A feed of its own for one more agent; take them all before the first is polled. */
  branch(): DecisionFeed {
    const queue: DecisionUpdate[] = [];
    this.#queues.push(queue);
    return {
      poll: async () => {
        const updates = await this.#source.poll();
        if (updates.length > 0) for (const each of this.#queues) each.push(...updates);
        return queue.splice(0);
      },
    };
  }

  /** Lets the next poll read up to where the log ends now. */
  async catchUp(): Promise<void> {
    await this.#source.catchUp();
  }

  async close(): Promise<void> {
    await this.#source.close();
  }
}
