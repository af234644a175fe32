import { collectDefaultMetrics, Registry } from "prom-client";

/** A registry that also shows Node's own metrics: memory, CPU, the delay of the event loop. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
