import { job } from "./fake-node.ts";
import { NodeWorld } from "./harness.ts";

/** A node whose first board has this job as tenant. */
export function nodeWith(id = "a", gpus = 2): NodeWorld {
  const world = new NodeWorld(gpus);
  world.node.gpus[0]!.tenants = [job(id)];
  return world;
}

/** A decision's clock, MHz. */
export const clock = (smClockMhz: number | null) => ({ smClockMhz });
