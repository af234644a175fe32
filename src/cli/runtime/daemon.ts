import type { CliContext } from "./cli-context.ts";
import type { Session } from "./configured.ts";
import { type Page, serveHealth } from "./health.ts";

/** What a long-running process says of itself on its health port. */
export interface DaemonHealth {
  /** What is still missing before it does its work. */
  readonly notReady: () => readonly string[];
  readonly pages?: Readonly<Record<string, () => Promise<Page>>>;
}

/** Runs a process with its health port, if one is configured, until it ends or the signal does. */
export async function asDaemon(
  { signal }: CliContext,
  { config, log }: Session,
  health: DaemonHealth,
  run: () => Promise<void>,
): Promise<void> {
  const { host, port } = config.health;
  const server = port === undefined ? undefined : await serveHealth({ host, port, ...health });
  if (server !== undefined) log.info({ url: `http://${host}:${server.port}/healthz` }, "health");
  const stopping = () => log.info("stopping");
  signal.addEventListener("abort", stopping, { once: true });
  try {
    await run();
  } finally {
    signal.removeEventListener("abort", stopping);
    await server?.close();
  }
}
