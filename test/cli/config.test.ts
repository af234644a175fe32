import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig, printConfig, required } from "../../src/cli/runtime/config.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carm-config-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function file(text: string): Promise<string> {
  const path = join(folder, "carm.yaml");
  await writeFile(path, text);
  return path;
}

const nothing = { env: {}, flags: new Map() };

describe("configuration", () => {
  it("takes flags over the environment, and the environment over the file", async () => {
    const path = await file("kafka: { brokers: [file:1], clientId: file }\nlog: { level: warn }\n");
    const config = await loadConfig({
      file: path,
      env: { KAFKA_BROKERS: "env:1,env:2", KAFKA_CLIENT_ID: "env" },
      flags: new Map([["kafka.brokers", "flag:1"]]),
    });
    expect(config.kafka.brokers).toEqual(["flag:1"]);
    expect(config.kafka.clientId).toBe("env");
    expect(config.log.level).toBe("warn");
  });

  it("has a default for what nobody says", async () => {
    const config = await loadConfig(nothing);
    expect(config.stream.mergeWaitMs).toBe(200);
    expect(config.state.folder).toBe("carm-state");
  });

  it.each([
    [
      "a number that is none",
      { env: { CARM_HEALTH_PORT: "http" } },
      /health\.port is "http" \(from CARM_HEALTH_PORT\)/,
    ],
    [
      "an address without a port",
      { env: { KAFKA_BROKERS: "kafka" } },
      /kafka\.brokers.*\(from KAFKA_BROKERS\).*host:port/,
    ],
    [
      "a flag with a wrong word",
      { flags: new Map([["log.level", "loud"]]) },
      /log\.level is "loud" \(from --log-level\)/,
    ],
    [
      "a registry that is no URL",
      { env: { SCHEMA_REGISTRY_URL: "registry" } },
      /schemaRegistry\.url.*http\(s\) URL/,
    ],
  ])("names the key and the source of %s", async (_, given, message) => {
    await expect(loadConfig({ ...nothing, ...given })).rejects.toThrow(message);
  });

  it("names a key of the file that does not exist, and those that do", async () => {
    const path = await file("stream: { mergeWait: 5 }\n");
    await expect(loadConfig({ ...nothing, file: path })).rejects.toThrow(
      /no setting stream\.mergeWait \(in .*carm\.yaml\); there are .*stream\.mergeWaitMs/,
    );
  });

  it("does not show a secret in what it prints or complains about", async () => {
    const config = await loadConfig({ ...nothing, env: { KAFKA_SASL_PASSWORD: "hunter2" } });
    expect(printConfig(config)).not.toContain("hunter2");
    const path = await file("schemaRegistry: { password: [hunter2] }\n");
    const failure = await loadConfig({ ...nothing, file: path }).catch((error: Error) => error.message);
    expect(failure).toMatch(/schemaRegistry\.password is \(hidden\)/);
    expect(failure).not.toContain("hunter2");
  });

  it("prints a file that it reads again as the same settings", async () => {
    const config = await loadConfig({
      ...nothing,
      env: { KAFKA_BROKERS: "a:1,b:2", CARM_HEALTH_PORT: "8080" },
    });
    expect(parse(printConfig(config))).toEqual(config);
    expect(await loadConfig({ ...nothing, file: await file(printConfig(config)) })).toEqual(config);
  });

  it("says every way to give a setting that is missing", async () => {
    const config = await loadConfig(nothing);
    expect(() => required(config.kafka.brokers, "kafka.brokers")).toThrow(
      /kafka\.brokers in the file, or KAFKA_BROKERS, or --brokers/,
    );
  });
});
