import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createLogger } from "../../src/cli/runtime/logger.ts";
import { runProcessor } from "../../src/cli/runtime/run-processor.ts";
import { createPublisher, type OpenLog, openLog, readTable } from "../../src/client/index.ts";
import { type Job, partitionOf, topicDeclarations } from "../../src/records/index.ts";
import { decision } from "../agent/harness.ts";

const run = promisify(execFile);
const examples = fileURLToPath(new URL("../../examples/python/", import.meta.url));
const brokers = inject("kafkaBrokers");
const registryUrl = inject("registryUrl");

const PARTITIONS = 12;

/** A new name that CRC32, librdkafka's default, puts elsewhere than murmur2 does: eleven of twelve names. */
function elsewhereByDefault(): string {
  for (;;) {
    const name = `lab-${randomUUID().slice(0, 8)}`;
    if (crc32(name) % PARTITIONS !== partitionOf(name, PARTITIONS)) return name;
  }
}

const cluster = elsewhereByDefault();

/** A virtual environment with the examples' requirements, kept between runs. */
async function python(): Promise<string> {
  const requirements = join(examples, "requirements.txt");
  const hash = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex")
    .slice(0, 12);
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const venv = join(cache, "carm", `python-${hash}`);
  const interpreter = join(venv, "bin", "python");
  const done = join(venv, "installed");
  if (!existsSync(done)) {
    await run("python3", ["-m", "venv", "--clear", venv]);
    await run(interpreter, ["-m", "pip", "install", "--quiet", "-r", requirements]);
    await run("touch", [done]);
  }
  return interpreter;
}

describe.skipIf(brokers === null || registryUrl === null)("Python clients", () => {
  const ending = new AbortController();
  let log: OpenLog;
  let folder: string;
  let processing: Promise<void>;
  let interpreter: string;
  const env = { ...process.env, KAFKA_BROKERS: brokers ?? "", SCHEMA_REGISTRY_URL: registryUrl ?? "" };

  beforeAll(async () => {
    interpreter = await python();
    folder = await mkdtemp(join(tmpdir(), "carm-python-"));
    log = await openLog({ brokers: brokers!.split(","), schemaRegistry: registryUrl! });
    await log.broker.createTopics(topicDeclarations());
    processing = runProcessor({
      ...log,
      logIdentity: log.broker.clusterId,
      stateFolder: folder,
      limits: {},
      simulatedTime: false,
      log: createLogger("error", process.stderr),
      signal: ending.signal,
    });
  }, 300_000);

  afterAll(async () => {
    ending.abort();
    await processing;
    await log?.broker.close();
    await rm(folder, { recursive: true, force: true });
  });

  function submit(job: string, ...more: readonly string[]) {
    const given = ["--cluster", cluster, "--pool", "training", "--model", "bert-large", "--workers", "4"];
    return run(interpreter, [join(examples, "submit_job.py"), job, ...given, ...more], { env });
  }

  async function takenIn(job: string): Promise<Job> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const found = (await readTable("carm.jobs", { ...log, cluster })).find((one) => one.job === job);
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw new Error(`${job} was not taken in`);
    }
  }

  it("submit a job that the processor takes in, with what was left out at its safe default", async () => {
    const { stdout } = await submit("with-murmur2", "--deadline-hours", "36", "--samples", "2000000");
    expect(stdout).toContain(`on partition ${partitionOf(cluster, PARTITIONS)}\n`);
    const job = await takenIn("with-murmur2");
    expect(job).toMatchObject({
      state: "waiting",
      model: "bert-large",
      samples: 2_000_000,
      deadlineMissed: false,
    });
    expect(job.deadlineAt! - job.submittedAt).toBe(36 * 3_600_000);
  });

  it("reach their cluster with librdkafka's default partitioner, too: the processor sends the record on", async () => {
    const { stdout } = await submit("with-crc32", "--partitioner", "consistent_random");
    expect(stdout).not.toContain(`on partition ${partitionOf(cluster, PARTITIONS)}\n`);
    expect(await takenIn("with-crc32")).toMatchObject({ state: "waiting" });
  });

  it("read decisions and jobs through the registry", async () => {
    const publisher = await createPublisher(log.broker, log.codec);
    publisher.add(
      "carm.decisions",
      decision("job", "with-murmur2", 1, { cluster, smClockMhz: 1500, observedAt: Date.now() }),
      Date.now(),
    );
    await publisher.close();
    const read = (topic: string) => {
      const args = [
        "--cluster",
        cluster,
        "--topic",
        topic,
        "--from-beginning",
        "--count",
        "1",
        "--seconds",
        "60",
      ];
      return run(interpreter, [join(examples, "read_decisions.py"), ...args], { env });
    };
    expect(JSON.parse((await read("carm.decisions")).stdout)).toMatchObject({
      target: { kind: "job", id: "with-murmur2" },
      action: "run",
      smClockMhz: 1500,
    });
    expect(JSON.parse((await read("carm.jobs")).stdout)).toMatchObject({ cluster, state: "waiting" });
  });
});
