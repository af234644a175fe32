import type { Broker, GroupConsumer } from "../../../src/broker/index.ts";
import type { StateStore, StateStores } from "../../../src/stream/index.ts";

/**
 * What becomes of a call: it works, fails without effect, fails after its effect, the process dies in it, or the
 * process is stopped before it and goes on when it is woken.
 */
export type Fate = "works" | "fails" | "works, then fails" | "crashes" | "sleeps";

export interface FaultyProcess {
  readonly broker: Broker;
  readonly stores: StateStores;
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

/** A broker and a disk as one process sees them. `fate` is asked at every call that waits. */
export function withFaults(
  broker: Broker,
  fate: (call: number, method: string) => Fate,
  disk: StateStores = noStores,
): FaultyProcess {
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
    if (outcome === "works, then fails") {
      // What nobody was given is closed by nobody; the operating system does that at the end of the process.
      if (method === "open") await (result as StateStore).close();
      throw new Error(`fails after ${method}`);
    }
    if (method === "open") return wrap(result as StateStore, storeReads);
    return clients.has(method) ? wrap(result as object, immediate) : result;
  }

  function wrap<T extends object>(target: T, passed: ReadonlySet<string>): T {
    return new Proxy(target, {
      get(_, name) {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          const run = () => Reflect.apply(value, target, args) as unknown;
          if (passed === storeReads && name === "close") return closeStore(run);
          return passed.has(String(name)) ? run() : call(String(name), run);
        };
      },
    });
  }

  /** Files of a process that dies are closed too. */
  async function closeStore(close: () => unknown): Promise<void> {
    await close();
    await call("close", () => {});
  }

  return {
    broker: wrap(broker, immediate),
    stores: wrap(disk, immediate),
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

/** Methods of a store that don't wait. */
const storeReads = new Set(["header", "get", "range", "write"]);

const noStores: StateStores = {
  async open() {
    throw new Error("this process has no disk");
  },
  async destroy() {},
};
