import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { until } from "../until.ts";

/** A value with its labels, as an instant query gives it. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A Prometheus of this test's own: scrapes every second and has the project's rules. */
export class Prometheus {
  readonly #url: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, process: ChildProcess, folder: string) {
    this.#url = url;
    this.#process = process;
    this.#folder = folder;
  }

  /** `targets`: port by job. Throws if the program is not installed. */
  static async start(targets: Readonly<Record<string, number>>): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), "carm-prometheus-"));
    const rules = fileURLToPath(new URL("../../../grafana/prometheus/carm.rules.yaml", import.meta.url));
    const config = {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [rules],
      scrape_configs: Object.entries(targets).map(([job, port]) => ({
        job_name: job,
        static_configs: [{ targets: [`127.0.0.1:${port}`] }],
      })),
    };
    await writeFile(join(folder, "prometheus.yaml"), stringify(config));
    const port = await freePort();
    const child = spawn(
      "prometheus",
      [
        `--config.file=${join(folder, "prometheus.yaml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: "ignore" },
    );
    const failed = new Promise<never>((_, reject) => {
      child.once("error", (cause) => reject(new Error("prometheus can't be started", { cause })));
      child.once("exit", (code) => reject(new Error(`prometheus ended with ${code}`)));
    });
    failed.catch(() => {});
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, child, folder);
    await Promise.race([until("Prometheus is ready", () => prometheus.#isReady()), failed]);
    return prometheus;
  }

  async query(expr: string): Promise<QueryResult[]> {
    const url = `${this.#url}/api/v1/query?${new URLSearchParams({ query: expr })}`;
    const answer = (await (await fetch(url)).json()) as { data?: { result: QueryResult[] }; error?: string };
    if (answer.data === undefined) throw new Error(`${answer.error} in ${expr}`);
    return answer.data.result;
  }

  /** Names of the alerts that fire now. */
  async firing(): Promise<string[]> {
    const answer = (await (await fetch(`${this.#url}/api/v1/alerts`)).json()) as {
      data: { alerts: { state: string; labels: { alertname: string } }[] };
    };
    return answer.data.alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname);
  }

  async stop(): Promise<void> {
    this.#process.removeAllListeners("exit");
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    return (await fetch(`${this.#url}/-/ready`)).ok;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
