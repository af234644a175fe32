import { expect, test } from "vitest";
import { createPublisher } from "../../src/client/index.ts";
import { observedAt, samples } from "../records/samples.ts";
import { cliHarness } from "./cli-harness.ts";

test("carm top says where to begin on an empty log", async () => {
  const carm = await cliHarness();
  const { code, stdout } = await carm.run("top");
  expect(code).toBe(0);
  expect(stdout).toContain("carm cluster declare");
});

test("carm top on no terminal prints once: clusters, services and jobs, warnings in words", async () => {
  const carm = await cliHarness();
  const publisher = await createPublisher(carm.broker, carm.codec);
  const late = { ...samples["carm.jobs"], finishedAt: null, state: "running" as const, deadlineMissed: true };
  publisher.add("carm.clusters", samples["carm.clusters"], observedAt);
  publisher.add("carm.policies", samples["carm.policies"], observedAt);
  publisher.add("carm.jobs", late, observedAt);
  publisher.add("carm.dead-letters", samples["carm.dead-letters"], observedAt);
  await publisher.close();
  const { stdout } = await carm.run("top");
  expect(stdout).toContain("lab (DE)");
  expect(stdout).toContain(late.job);
  expect(stdout).toContain("! 1 deadlines missed");
  expect(stdout).toContain("! 1 dead letters: carm dead-letters list");
  expect(stdout).not.toContain("\u001b[");
});
