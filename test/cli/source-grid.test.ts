import { afterEach, expect, test } from "vitest";
import { runCli } from "../../src/cli/program.ts";
import { createPublisher, follow } from "../../src/client/index.ts";
import { observedAt, samples } from "../records/samples.ts";
import { StandIn } from "../sources/live/stand-in.ts";
import { cliHarness } from "./cli-harness.ts";

let standIn: StandIn | undefined;
afterEach(() => standIn?.stop());

test("a source without its secret says which variable to set", async () => {
  const carm = await cliHarness();
  const { code, stderr } = await carm.run("source", "electricity-maps", "--zone", "DE");
  expect(code).toBe(1);
  expect(stderr).toContain("ELECTRICITY_MAPS_TOKEN is not set");
});

test("a source publishes for the clusters in its zone that are planned by its signal, until it is stopped", async () => {
  const carm = await cliHarness();
  const hour = new Date(Math.floor(carm.nowMs / 3_600_000) * 3_600_000 - 3_600_000).toISOString();
  standIn = await StandIn.start(() => ({ body: { history: [{ carbonIntensity: 245, datetime: hour }] } }));
  const publisher = await createPublisher(carm.broker, carm.codec);
  const declare = (cluster: string, changes: object) =>
    publisher.add("carm.clusters", { ...samples["carm.clusters"], cluster, ...changes }, observedAt);
  declare("lab", { zone: "DE", signal: "average" });
  declare("far", { zone: "FR", signal: "average" });
  declare("marginal", { zone: "DE", signal: "marginal" });
  await publisher.close();

  const stop = new AbortController();
  const args = ["source", "electricity-maps", "--zone", "DE", "--no-forecast", "--base-url", standIn.url];
  const running = runCli(args, {
    env: { ...carm.env, ELECTRICITY_MAPS_TOKEN: "t" },
    stdout: { write: () => true },
    stderr: { write: () => true },
    nowMs: () => carm.nowMs,
    signal: stop.signal,
    connect: async () => ({
      broker: carm.broker,
      codec: carm.codec,
      logIdentity: "test",
      close: async () => {},
    }),
  });
  const options = { broker: carm.broker, codec: carm.codec, from: "beginning" as const, signal: stop.signal };
  const seen: string[] = [];
  for await (const { value } of follow("carm.grid-intensity", options)) {
    seen.push(`${value.cluster} ${value.gco2PerKwh} ${value.kind}`);
    stop.abort();
  }
  expect(await running).toBe(0);
  expect(seen).toEqual(["lab 245 measured"]);
});
