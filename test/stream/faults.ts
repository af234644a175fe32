import type { Broker, GroupConsumer } from "../../src/broker/index.ts";

/**
 * What becomes of a call: it works, fails without effect, fails after its effect, the process dies in it, or the
 * process is stopped before it and goes on when it is woken.
 */
export type Fate = "works" | "fails" | "works, then fails" | "crashes" | "sleeps";

export interface FaultyBroker {
  readonly broker: Broker;
  /** Calls so far. */
  readonly calls: number;
  readonly isDead: boolean;
  /** Resolves the next time the process is stopped. */
  stopped(): Promise<void>;
  /** Lets a stopped process go on. */
  wake(): void;
  /** From now on every call fails. */
  kill(): void;
  /** Lets the group notice that this member is gone, as the end of its session does. */
  expireSession(): Promise<void>;
}

/** A broker as one process sees it. `fate` is asked at every call that waits. */
export function withFaults(broker: Broker, fate: (call: number, method: string) => Fate): FaultyBroker {
  let calls = 0;
  let isDead = false;
  let awake: PromiseWithResolvers<void> | undefined;
  let stopped = Promise.withResolvers<void>();
  const consumers: GroupConsumer[] = [];

  async function call(method: string, run: () => unknown): Promise<unknown> {
    await awake?.promise;
    const outcome = isDead ? "fails" : fate(calls++, method);
    if (outcome === "sleeps") {
      awake ??= Promise.withResolvers();
      stopped.resolve();
      await awake.promise;
    }
    if (isDead) throw new Error(`dead before ${method}`);
    if (outcome === "crashes") isDead = true;
    if (outcome === "fails" || outcome === "crashes") throw new Error(`${outcome} at ${method}`);
    const result = await run();
    if (method === "consumer") consumers.push(result as GroupConsumer);
    if (outcome === "works, then fails") throw new Error(`fails after ${method}`);
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
    stopped() {
      stopped = Promise.withResolvers();
      return stopped.promise;
    },
    wake() {
      awake?.resolve();
      awake = undefined;
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
