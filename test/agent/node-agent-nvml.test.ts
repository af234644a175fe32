import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createNvmlStandIn, standInOn } from "../support/nvml/stand-in.ts";
import { createSystemNode } from "../support/nvml/system-node.ts";

const newFolder = () => mkdtempSync(join(tmpdir(), "carm-node-"));
const boards = [0, 1, 2, 3];

test("an agent that is killed between a lock and its report leaves nothing locked once it is back", async () => {
  const folder = newFolder();
  const stateFile = join(folder, "boards");
  const standIn = standInOn(stateFile);
  const script = new URL("../support/nvml/killed-agent.ts", import.meta.url).pathname;
  const env = { ...process.env, NVML_STAND_IN_STATE: stateFile };
  const { signal } = spawnSync(process.execPath, [script, folder, standIn.path], { env, encoding: "utf8" });
  expect(signal).toBe("SIGKILL");
  expect(boards.map((board) => standIn.get(board, "lock"))).toEqual([900, 0, 0, 0]);
  // The one that comes after knows of no decision: its clocks are the hardware's own.
  const { agent } = await createSystemNode(folder, standIn.path, {});
  await agent.reconcile();
  expect(boards.map((board) => standIn.get(board, "lock"))).toEqual([0, 0, 0, 0]);
});

test("a lock that power overrules is reported once with the clock read back, and stays", async () => {
  const standIn = createNvmlStandIn();
  const { agent, log } = await createSystemNode(newFolder(), standIn.path, { decideMhz: 1500 });
  for (const board of boards) standIn.set(board, "busy", 1);
  await agent.reconcile();
  expect(log.takeActuations()).toEqual(["applied a@1 1500"]);
  standIn.set(0, "cap", 900);
  standIn.set(0, "reasons", 4);
  for (let i = 0; i < 2; i++) await agent.reconcile();
  expect(log.takeActuations()).toEqual(["overridden a@1 900"]);
  expect(standIn.get(0, "lock")).toBe(1500);
  await agent.stop();
  expect(boards.map((board) => standIn.get(board, "lock"))).toEqual([0, 0, 0, 0]);
});
