import type { createRegistry } from "../../observe/index.ts";
import type { Page } from "./health.ts";

/** The page that Prometheus scrapes. */
export function metricsPage(
  registry: ReturnType<typeof createRegistry>,
): Record<string, () => Promise<Page>> {
  return {
    "/metrics": async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
