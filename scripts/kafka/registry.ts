import { join } from "node:path";
import { Daemon, freePort } from "./daemon.ts";
import type { Downloads } from "./downloads.ts";

const READY_MS = 120_000;

/** Apicurio Registry on this machine, in memory: its schemas end with it. */
export interface LocalRegistry {
  /** Base URL of its Confluent-compatible interface. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Writes its log to `folder`. `port` 0 takes a free one. */
export async function startRegistry(
  downloads: Downloads,
  folder: string,
  port: number,
): Promise<LocalRegistry> {
  const address = `http://127.0.0.1:${port === 0 ? await freePort() : port}`;
  const args = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", downloads.registryJar];
  const daemon = new Daemon("The schema registry", "java", args, {
    logFile: join(folder, "registry.log"),
    env: { QUARKUS_HTTP_HOST: "127.0.0.1", QUARKUS_HTTP_PORT: new URL(address).port },
  });
  const url = `${address}/apis/ccompat/v7`;
  // Only a registry that could take the port says that it listens; who else answers there is not ours.
  const isUp = async () =>
    (await daemon.log()).includes(`Listening on: ${address}`) && (await fetch(`${url}/subjects`)).ok;
  try {
    await daemon.ready(isUp, READY_MS);
  } catch (error) {
    daemon.kill();
    throw error;
  }
  return { url, pid: daemon.pid, stop: () => daemon.stop() };
}
