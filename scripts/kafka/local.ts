import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloads } from "./downloads.ts";
import { LocalKafka } from "./kafka.ts";
import { type LocalRegistry, startRegistry } from "./registry.ts";

/** A broker and a schema registry on this machine, with an empty log. */
export interface Local {
  readonly kafka: LocalKafka;
  readonly registry: LocalRegistry;
  /** Logs and data, removed by `stop`. */
  readonly folder: string;
  stop(): Promise<void>;
}

export interface LocalPorts {
  /** 0 takes a free port. */
  readonly kafka: number;
  readonly registry: number;
}

/** Starts both from Maven Central's archives. Throws what is missing on this machine. */
export async function startLocal(
  log: (line: string) => void,
  ports: LocalPorts = { kafka: 0, registry: 0 },
): Promise<Local> {
  const files = await downloads(log);
  const folder = await mkdtemp(join(tmpdir(), "carm-kafka-"));
  const started = await Promise.allSettled([
    LocalKafka.create(files, join(folder, "kafka"), ports.kafka),
    startRegistry(files, folder, ports.registry),
  ]);
  const stop = async () => {
    await Promise.all(started.map((one) => (one.status === "fulfilled" ? one.value.stop() : undefined)));
    await rm(folder, { recursive: true, force: true });
  };
  const [kafka, registry] = started;
  if (kafka.status === "fulfilled" && registry.status === "fulfilled") {
    return { kafka: kafka.value, registry: registry.value, folder, stop };
  }
  await stop();
  throw kafka.status === "rejected" ? kafka.reason : (registry as PromiseRejectedResult).reason;
}
