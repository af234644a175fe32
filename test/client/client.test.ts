import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createEmbeddedBroker } from "../../src/broker/index.ts";
import { createCodec, embeddedRegistry, topicDeclarations } from "../../src/records/index.ts";
import { describeClient } from "./client-conformance.ts";

describeClient("the client on the embedded broker", async () => {
  const broker = createEmbeddedBroker();
  await broker.createTopics(topicDeclarations());
  return { broker, codec: await createCodec(embeddedRegistry()), close: () => broker.close() };
});

describe("examples/typescript", () => {
  it("test-without-kafka.ts runs as it stands", async () => {
    const example = fileURLToPath(
      new URL("../../examples/typescript/test-without-kafka.ts", import.meta.url),
    );
    // As from the package, but from the sources that are being tested.
    const child = spawn(process.execPath, ["--conditions=carm-source", example]);
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    const [code] = await once(child, "close");
    expect(Buffer.concat(output).toString()).toBe("bert-17: submitted\nchat: service_declared\n");
    expect(code).toBe(0);
  });
});
