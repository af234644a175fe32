import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clusterIdAt, newClusterId } from "./cluster-id.ts";
import { Daemon, freePort } from "./daemon.ts";
import type { Downloads } from "./downloads.ts";
import { oneNode } from "./settings.ts";

const READY_MS = 120_000;

/** Little memory and a quick start rather than long-run speed. */
const jvmOptions = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

/** One KRaft node on this machine. Its data outlives `kill` and `stop`; `start` goes on with it. */
export class LocalKafka {
  readonly bootstrap: string;
  readonly clusterId: string;
  readonly #folder: string;
  readonly #classPath: string;
  #daemon: Daemon | undefined;

  private constructor(folder: string, classPath: string, port: number, clusterId: string) {
    this.bootstrap = `127.0.0.1:${port}`;
    this.clusterId = clusterId;
    this.#folder = folder;
    this.#classPath = classPath;
  }

  /** Formats a new log in `folder` and starts. `port` 0 takes a free one. */
  static async create(downloads: Downloads, folder: string, port: number): Promise<LocalKafka> {
    if (existsSync(join(folder, "data"))) throw new Error(`${folder} has a log already.`);
    await mkdir(folder, { recursive: true });
    const brokerPort = port === 0 ? await freePort() : port;
    const { kafkaClassPath } = downloads;
    const kafka = new LocalKafka(folder, kafkaClassPath, brokerPort, newClusterId());
    await writeFile(join(folder, "server.properties"), properties(folder, brokerPort, await freePort()));
    await writeFile(join(folder, "log4j2.properties"), logging);
    const formatted = spawnSync("java", [...kafka.#java(), ...kafka.#format()], { encoding: "utf8" });
    if (formatted.status !== 0) throw new Error(`Kafka can't format its log: ${formatted.stderr}`);
    await kafka.start();
    return kafka;
  }

  get pid(): number | undefined {
    return this.#daemon?.pid;
  }

  /** Resolves once this very cluster answers. */
  async start(): Promise<void> {
    const args = [...this.#java(), "kafka.Kafka", join(this.#folder, "server.properties")];
    const daemon = new Daemon("Kafka", "java", args, { logFile: join(this.#folder, "kafka.log") });
    this.#daemon = daemon;
    try {
      await daemon.ready(async () => (await clusterIdAt(this.bootstrap)) === this.clusterId, READY_MS);
    } catch (error) {
      daemon.kill();
      throw error;
    }
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.#daemon?.kill();
    await this.#daemon?.ended;
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop();
  }

  #java(): string[] {
    const log4j = `-Dlog4j2.configurationFile=${join(this.#folder, "log4j2.properties")}`;
    return [...jvmOptions, log4j, "-cp", this.#classPath];
  }

  #format(): string[] {
    const config = join(this.#folder, "server.properties");
    return ["kafka.tools.StorageTool", "format", "-t", this.clusterId, "-c", config];
  }
}

function properties(folder: string, port: number, controllerPort: number): string {
  const settings = {
    ...oneNode(
      `PLAINTEXT://127.0.0.1:${port}`,
      `PLAINTEXT://127.0.0.1:${port}`,
      `127.0.0.1:${controllerPort}`,
    ),
    "log.dirs": join(folder, "data"),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

const logging = `rootLogger.level=warn
rootLogger.appenderRefs=stdout
rootLogger.appenderRef.stdout.ref=STDOUT
appender.stdout.type=Console
appender.stdout.name=STDOUT
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=[%d] %p %m (%c)%n
`;
