import type { Broker, GroupConsumer } from "../../src/broker/index.ts";

/** What becomes of a call: it works, fails without effect, fails after its effect, or the process dies in it. */
export type Fate = "works" | "fails" | "works, then fails" | "crashes";

export interface FaultyBroker {
  readonly broker: Broker;
  /** Calls so far. */
  readonly calls: number;
  readonly isDead: boolean;
  /** From now on every call fails. */
  kill(): void;
  /** Lets the group notice that this member is gone, as the end of its session does. */
  expireSession(): Promise<void>;
}

/** A broker as one process sees it. `fate` is asked at every call that waits. */
export function withFaults(broker: Broker, fate: (call: number, method: string) => Fate): FaultyBroker {
  let calls = 0;
  let isDead = false;
  const consumers: GroupConsumer[] = [];

  async function call(method: string, run: () => unknown): Promise<unknown> {
    if (isDead) throw new Error(`dead before ${method}`);
    const outcome = fate(calls++, method);
    if (outcome === "crashes") isDead = true;
    if (outcome === "fails" || outcome === "crashes") throw new Error(`${outcome} at ${method}`);
    const result = await run();
    if (outcome === "works, then fails") throw new Error(`fails after ${method}`);
    return wrapped(method, result);
  }

  function wrapped(method: string, result: unknown): unknown {
    if (method === "consumer") consumers.push(result as GroupConsumer);
    return clients.has(method) ? wrap(result as object) : result;
  }

  function wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get(_, name) {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          const run = () => Reflect.apply(value, target, args) as unknown;
          return immediate.has(String(name)) ? run() : call(String(name), run);
        };
      },
    });
  }

  return {
    broker: wrap(broker),
    get calls() {
      return calls;
    },
    get isDead() {
      return isDead;
    },
    kill() {
      isDead = true;
    },
    async expireSession() {
      for (const consumer of consumers) await consumer.close();
    },
  };
}

const clients = new Set(["producer", "transactionalProducer", "consumer", "readPartitions"]);

/** Methods that only change the client itself. */
const immediate = new Set(["begin", "seek", "pause", "resume"]);
