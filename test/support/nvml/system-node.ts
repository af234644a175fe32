import { join } from "node:path";
import { openLockRecord } from "../../../src/agent/actuators/nvidia/lock-record.ts";
import { createNvidiaActuator } from "../../../src/agent/actuators/nvidia/nvidia-actuator.ts";
import { createNvmlDriver } from "../../../src/agent/actuators/nvml/nvml-driver.ts";
import {
  createNodeAgent,
  createNodeFileStore,
  type NodeAgent,
  systemClock,
} from "../../../src/agent/index.ts";
import type { Tenant } from "../../../src/records/index.ts";
import { decision, ListFeed, Log } from "../../agent/harness.ts";

export interface SystemNode {
  readonly agent: NodeAgent;
  readonly log: Log;
}

/** A node agent on NVML that keeps what must outlast it in a folder. Job `a` has every board. */
export async function createSystemNode(
  folder: string,
  library: string,
  { decideMhz = null, afterLock = () => {} }: { decideMhz?: number | null; afterLock?: () => void },
): Promise<SystemNode> {
  const driver = createNvmlDriver({ library });
  const tenant: Tenant = { kind: "job", id: "a", share: 1 };
  const actuator = createNvidiaActuator({
    driver: {
      read: (uuid) => driver.read(uuid),
      lockSmClock: async (uuid, smClockMhz) => {
        await driver.lockSmClock(uuid, smClockMhz);
        afterLock();
      },
      resetSmClock: (uuid) => driver.resetSmClock(uuid),
      lockMemoryClockLow: (uuid) => driver.lockMemoryClockLow(uuid),
      resetMemoryClock: (uuid) => driver.resetMemoryClock(uuid),
      setPowerLimit: (uuid, watts) => driver.setPowerLimit(uuid, watts),
      close: () => driver.close(),
    },
    locks: await openLockRecord(join(folder, "locks.json")),
    tenants: async () => [tenant],
    settleMs: 0,
  });
  const feed = new ListFeed();
  const clock = systemClock;
  if (decideMhz !== null)
    feed.decide(decision("job", "a", 1, { observedAt: clock.wallMs(), smClockMhz: decideMhz }));
  const log = new Log();
  const store = createNodeFileStore(join(folder, "agent.json"));
  const shared = { cluster: "lab", node: "n1", pool: "p", feed, clock, store, publish: log.publish };
  return { agent: createNodeAgent({ ...shared, actuator }), log };
}
