import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createPublisher } from "../../src/client/index.ts";
import { carmProcessor } from "../../src/processor/index.ts";
import type { Decision, Job, JobEvent, Policy } from "../../src/records/index.ts";
import { createMemoryStores, createWorker } from "../../src/stream/index.ts";
import { decision } from "../agent/harness.ts";
import { type CliHarness, cliHarness } from "./cli-harness.ts";

let carm: CliHarness;
let folder: string;
let clusterFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carm-cli-"));
  clusterFile = join(folder, "lab.yaml");
  await writeFile(
    clusterFile,
    [
      "zone: DE",
      "timeZone: Europe/Berlin",
      "pue: 1.2",
      "signal: average",
      "pools:",
      "  - { name: training, purpose: training, gpuModel: rtx-4090, gpus: 8 }",
    ].join("\n"),
  );
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  carm = await cliHarness();
});

const submission = ["--cluster", "lab", "--pool", "training", "--model", "bert-large", "--workers", "4"];

/** Lets a processor take in everything that is on the log. */
async function process(): Promise<void> {
  const { broker, codec } = carm;
  const clock = { monotonicMs: () => carm.nowMs, epochMs: () => carm.nowMs };
  const stores = createMemoryStores();
  const worker = await createWorker({
    broker,
    codec,
    processor: carmProcessor,
    stores,
    logIdentity: "test",
    clock,
  });
  await worker.runUntilIdle();
  await worker.close();
}

describe("carm job", () => {
  it("submits a job that the processor takes in, and says what became of it", async () => {
    await carm.run("cluster", "declare", "lab", "--file", clusterFile);
    const sent = await carm.run(
      "job",
      "submit",
      "bert-17",
      ...submission,
      "--deadline",
      "+36h",
      "--pausable",
    );
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining("submitted bert-17 to lab") });
    await process();
    const job = await carm.json<Job>("job", "status", "bert-17", "--cluster", "lab");
    expect(job).toMatchObject({ state: "waiting", deadlineAt: carm.nowMs + 36 * 3_600_000 });
    expect((await carm.json<Job[]>("job", "list", "--cluster", "lab")).map(({ job: id }) => id)).toEqual([
      "bert-17",
    ]);
  });

  it("gives what was left out the safe value", async () => {
    const { job } = await carm.json<JobEvent>("job", "submit", "bert-17", ...submission);
    expect(job).toMatchObject({
      pausable: false,
      resizable: false,
      minWorkers: 4,
      maxWorkers: 4,
      deadlineAt: null,
      samples: null,
    });
  });

  it("cancels a job", async () => {
    await carm.run("cluster", "declare", "lab", "--file", clusterFile);
    await carm.run("job", "submit", "bert-17", ...submission);
    await process();
    carm.nowMs += 1_000;
    await carm.run("job", "cancel", "bert-17", "--cluster", "lab", "--reason", "wrong data");
    await process();
    const job = await carm.json<Job>("job", "status", "bert-17", "--cluster", "lab");
    expect(job).toMatchObject({ state: "cancelled", why: "cancelled: wrong data" });
  });

  it("says what to do about a job that nobody knows", async () => {
    const { code, stderr } = await carm.run("job", "status", "bert-1", "--cluster", "lab");
    expect(code).toBe(1);
    expect(stderr).toMatch(/lab has no job bert-1\..*carm job list --cluster lab/);
  });

  it.each([
    ["a deadline in the past", ["--deadline", "2020-01-01T00:00:00Z"], /deadline/],
    ["a time without an offset", ["--deadline", "2031-01-01T00:00:00"], /offset/],
    ["more workers at least than asked for", ["--min", "5"], /minWorkers/],
    ["half a worker", ["--max", "4.5"], /maxWorkers/],
  ])("refuses %s, with no stack trace, and publishes nothing", async (_, extra, message) => {
    const { code, stderr } = await carm.run("job", "submit", "bert-17", ...submission, ...extra);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
    const ends = await carm.broker.endPositions(
      [0, 1, 2].map((partition) => ({ topic: "carm.job-events", partition })),
    );
    expect(ends.map(({ offset }) => offset)).toEqual([0, 0, 0]);
  });
});

describe("carm service", () => {
  it("lists what was declared, with the clock decided for it", async () => {
    const declared = ["--pool", "inference", "--model", "gpt-neo", "--gpus", "4", "--target-ms", "250"];
    await carm.run("service", "declare", "chat", "--cluster", "lab", ...declared);
    await carm.run("service", "declare", "gone", "--cluster", "lab", ...declared);
    carm.nowMs += 1;
    await carm.run("service", "remove", "gone", "--cluster", "lab");
    const publisher = await createPublisher(carm.broker, carm.codec);
    publisher.add("carm.decisions", decision("service", "chat", 1, { smClockMhz: 1500 }), carm.nowMs);
    await publisher.close();
    const services = await carm.json<object[]>("service", "list", "--cluster", "lab");
    expect(services).toEqual([expect.objectContaining({ service: "chat", gpus: 4, smClockMhz: 1500 })]);
  });
});

describe("carm policy", () => {
  it("changes what is named, keeps the rest, and counts versions up", async () => {
    await carm.run("policy", "set", "lab", "mode=live", "maxSmClockMhz=1700");
    await carm.run("policy", "set", "lab", "leaseMs=60000");
    const policy = await carm.json<Policy>("policy", "show", "lab");
    expect(policy).toMatchObject({ version: 2, mode: "live", maxSmClockMhz: 1700, leaseMs: 60_000 });
    await carm.run("policy", "set", "lab", "maxSmClockMhz=null");
    expect(await carm.json<Policy>("policy", "show", "lab")).toMatchObject({ maxSmClockMhz: null });
  });

  it.each([
    ["a field that a policy has not", "colour=green", /no field colour.*mode/],
    ["a mode that there is not", "mode=loud", /mode is loud, not one of live, shadow, off/],
    ["a planner that there is not", "planner=magic", /no planner magic; there are ca-rm/],
    ["a number out of range", "leaseMs=0", /leaseMs is 0; it must be/],
    ["a word without a value", "live", /write field=value/],
  ])("refuses %s", async (_, setting, message) => {
    const { code, stderr } = await carm.run("policy", "set", "lab", setting);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it("explains every field that the schema has", async () => {
    const { stdout } = await carm.run("policy", "set", "--help");
    expect(stdout).toMatch(/mode +live: decisions are applied/);
    expect(stdout).toMatch(/maxSmClockMhz +No lock above this clock/);
  });
});

describe("carm cluster", () => {
  it("declares a cluster together with the library's profiles of its GPUs", async () => {
    const { stdout } = await carm.run("cluster", "declare", "lab", "--file", clusterFile);
    expect(stdout).toMatch(/declared lab: 8 GPUs in 1 pools, zone DE; \d+ profiles published/);
    const state = await carm.json<{ models: { gpu: string }[] }>("cluster", "show", "lab");
    expect(state.models.length).toBeGreaterThan(0);
    expect(state.models.every(({ gpu }) => gpu === "rtx-4090")).toBe(true);
    expect((await carm.run("cluster", "show")).stdout).toContain("lab\tDE\t8\t");
  });

  it("names the field of a declaration that can't be", async () => {
    const bad = join(folder, "bad.yaml");
    await writeFile(bad, "zone: DE\ntimeZone: Mars/Base\npue: 1.2\nsignal: average\npools: []\n");
    const { code, stderr } = await carm.run("cluster", "declare", "lab", "--file", bad);
    expect(code).toBe(1);
    expect(stderr).toMatch(/timeZone is "Mars\/Base"; it must be an IANA time zone/);
  });

  it("says how to declare a cluster that nobody knows", async () => {
    const { stderr } = await carm.run("cluster", "show", "nowhere");
    expect(stderr).toContain("carm cluster declare nowhere --file");
  });
});

describe("carm stop", () => {
  it("outranks every decision so far and turns the policy off", async () => {
    const publisher = await createPublisher(carm.broker, carm.codec);
    publisher.add("carm.decisions", decision("job", "a", 7), carm.nowMs);
    publisher.add("carm.decisions", decision("job", "b", 9), carm.nowMs);
    await publisher.close();
    await carm.run("policy", "set", "lab", "mode=live");
    const { release, policy } = await carm.json<{ release: Decision; policy: Policy }>("stop", "lab");
    expect(release).toMatchObject({ target: { kind: "lease" }, action: "release", epoch: { sequence: 10 } });
    expect(policy).toMatchObject({ version: 2, mode: "off" });
    expect(await carm.json<Policy>("policy", "show", "lab")).toMatchObject({ mode: "off" });
  });
});

describe("carm dead-letters", () => {
  it("does not replay everything by mistake", async () => {
    const { code, stderr } = await carm.run("dead-letters", "replay");
    expect(code).toBe(1);
    expect(stderr).toContain("--all");
  });
});

describe("every command", () => {
  it("is listed in a group with one line that says what it is for", async () => {
    const { code, stdout } = await carm.run("--help");
    expect(code).toBe(0);
    for (const heading of ["Jobs and services:", "Run a cluster:", "Processes:", "Try and judge:"]) {
      expect(stdout).toContain(heading);
    }
    for (const name of [
      "job",
      "service",
      "decision",
      "cluster",
      "policy",
      "processor",
      "agent",
      "source",
      "demo",
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} .*  [A-Z]`, "m"));
    }
  });

  it.each([
    ["job", "submit"],
    ["job", "list"],
    ["service", "declare"],
    ["decision", "tail"],
    ["cluster", "declare"],
    ["cluster", "resume"],
    ["policy", "show"],
    ["dead-letters", "replay"],
    ["stop"],
    ["processor"],
    ["agent", "node"],
    ["agent", "scheduler"],
    ["source", "replay"],
  ])("%s %s has an example", async (...words) => {
    const { stdout } = await carm.run(...words, "--help");
    expect(stdout).toMatch(new RegExp(`Examples?.*carm ${words.join(" ")}`, "s"));
  });

  it("prints its settings, secrets hidden, and does nothing else", async () => {
    carm.env["KAFKA_SASL_PASSWORD"] = "hunter2";
    const { code, stdout } = await carm.run("processor", "--print-config", "--health-port", "8080");
    expect(code).toBe(0);
    expect(stdout).toMatch(/saslPassword: \(hidden\)/);
    expect(stdout).toMatch(/port: 8080/);
  });

  it("points to its help after a mistake", async () => {
    const { code, stderr } = await carm.run("job", "status", "bert-17");
    expect(code).toBe(1);
    expect(stderr).toMatch(/--cluster.*carm job status --help has examples/s);
  });
});
