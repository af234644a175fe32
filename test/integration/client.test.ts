import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";
import { openLog, readHistory } from "../../src/client/index.ts";
import { topicDeclarations } from "../../src/records/index.ts";
import { describeClient } from "../client/client-conformance.ts";

const brokers = inject("kafkaBrokers");
const schemaRegistry = inject("registryUrl");

async function open() {
  const log = await openLog({ brokers: brokers!.split(","), schemaRegistry: schemaRegistry! });
  await log.broker.createTopics(topicDeclarations());
  return { ...log, close: () => log.broker.close() };
}

describe.skipIf(brokers === null || schemaRegistry === null)("on Kafka", () => {
  describeClient("the client", open);

  it("examples/typescript/submit-and-follow.ts submits a job and follows it to its end", async () => {
    const cluster = `lab-${randomUUID().slice(0, 8)}`;
    const log = await open();
    const example = fileURLToPath(new URL("../../examples/typescript/submit-and-follow.ts", import.meta.url));
    const child: ChildProcess = spawn(
      process.execPath,
      ["--conditions=carm-source", example, cluster, "bert-17"],
      {
        env: { ...process.env, KAFKA_BROKERS: brokers!, SCHEMA_REGISTRY_URL: schemaRegistry! },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const exited = once(child, "close");
    const deadline = performance.now() + 60_000;
    let events: Awaited<ReturnType<typeof readHistory<"carm.job-events">>> = [];
    while (events.length === 0 && performance.now() < deadline) {
      events = await readHistory("carm.job-events", { ...log, cluster });
    }
    expect(events.map(({ value }) => value.type)).toEqual(["submitted"]);
    child.kill("SIGINT");
    const [code] = await exited;
    expect(code).toBe(0);
    await log.close();
  });
});
