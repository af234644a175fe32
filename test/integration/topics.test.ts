import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { runCli } from "../../src/cli/program.ts";
import { connectKafka } from "../../src/cli/runtime/connect.ts";
import type { Difference } from "../../src/cli/topics/plan.ts";
import { topicDeclarations } from "../../src/records/index.ts";
import { eventually } from "../broker/conformance/suite.ts";

const brokers = inject("kafkaBrokers");
const registryUrl = inject("registryUrl");

describe.skipIf(brokers === null || registryUrl === null)("carm topics", () => {
  const admin = new Kafka({ brokers: (brokers ?? "").split(","), logLevel: logLevel.NOTHING }).admin();
  const names = topicDeclarations().map(({ name }) => name);
  const removeTopics = async () => {
    const present = new Set(await admin.listTopics());
    const topics = names.filter((name) => present.has(name));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    await eventually("no topics", async () => {
      const left = await admin.listTopics();
      return names.some((name) => left.includes(name)) ? undefined : true;
    });
  };
  beforeAll(async () => {
    await admin.connect();
    await removeTopics();
  });
  afterAll(async () => {
    await removeTopics();
    await admin.disconnect();
  });

  async function carm(...args: string[]) {
    const [out, err]: string[][] = [[], []];
    const code = await runCli(["topics", ...args], {
      env: { KAFKA_BROKERS: brokers!, SCHEMA_REGISTRY_URL: registryUrl! },
      stdout: { write: (text) => out!.push(text) },
      stderr: { write: (text) => err!.push(text) },
      nowMs: Date.now,
      signal: new AbortController().signal,
      connect: connectKafka,
    });
    return { code, out: out!.join(""), err: err!.join("") };
  }
  /** Kafka shows a change some time after it has accepted it. */
  const untilDiff = (isRight: (found: Difference[]) => boolean) =>
    eventually("the differences to be right", async () =>
      isRight(JSON.parse((await carm("diff", "--json")).out)) ? true : undefined,
    );
  const none = (found: Difference[]) => found.length === 0;

  it("apply refuses other partition counts, and then changes nothing", async () => {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: "carm.ticks", numPartitions: 3 }] });
    await eventually("the topic to be there", async () =>
      (await admin.listTopics()).includes("carm.ticks") ? true : undefined,
    );
    const { code, out, err } = await carm("apply");
    expect(code).toBe(1);
    expect(err).toContain("carm.ticks (partitions)");
    expect(err).toContain("ERR_PARTITIONS_FIXED");
    expect(out).toContain("carm.decisions");
    expect(await admin.listTopics()).not.toContain("carm.decisions");
    await removeTopics();
  });

  it("apply makes Kafka and the registry as declared, and diff then finds nothing", async () => {
    expect(await carm("apply")).toMatchObject({ code: 0, err: "" });
    await untilDiff(none);
    expect((await carm("diff")).out).toContain("as declared");
  });

  it("apply mends a setting and leaves alone what it does not declare", async () => {
    const configEntries = [
      { name: "retention.ms", value: "5000" },
      { name: "min.insync.replicas", value: "1" },
      { name: "cleanup.policy", value: "compact" },
    ];
    const resource = { type: 2, name: "carm.jobs" };
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
    await untilDiff((found) =>
      found.some((one) => one.name === "carm.jobs" && one.what === "retention.ms" && one.found === "5000"),
    );
    expect((await carm("apply")).code).toBe(0);
    await untilDiff(none);
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    const kept = resources[0]!.configEntries.find(({ configName }) => configName === "min.insync.replicas");
    expect(kept).toMatchObject({ configValue: "1", isDefault: false });
  });

  it("apply refuses a schema that older records can't be read with, and lists the differences", async () => {
    // As if an earlier release had been without a field that has no default now.
    const older = {
      type: "record",
      name: "Tick",
      namespace: "carm.v1",
      fields: [{ name: "cluster", type: "string" }],
    };
    const subject = `${registryUrl}/subjects/carm.ticks-value`;
    const headers = { "content-type": "application/vnd.schemaregistry.v1+json" };
    await fetch(subject, { method: "DELETE" });
    await fetch(`${subject}/versions`, {
      method: "POST",
      headers,
      body: JSON.stringify({ schema: JSON.stringify(older) }),
    });
    const { code, err } = await carm("apply");
    expect(code).toBe(1);
    expect(err).toContain("ERR_SCHEMA_INCOMPATIBLE");
    expect(err).toContain("observedAt");
    await fetch(subject, { method: "DELETE" });
    expect((await carm("apply")).code).toBe(0);
  });
});
