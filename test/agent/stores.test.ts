import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  agentLimits,
  createNodeFileStore,
  createSchedulerFileStore,
  createStopFile,
  type NodeMemory,
  type SchedulerMemory,
} from "../../src/agent/index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carm-agent-"));
});
afterEach(() => rm(folder, { recursive: true }));

const nodeMemory: NodeMemory = {
  epochs: new Map([["job/a", { incarnation: 2, sequence: 7 }]]),
  locks: new Map([["GPU-0", [900, 1200]]]),
};

describe("an agent's file", () => {
  test("gives a node agent back what it saved last, in a folder that need not be there", async () => {
    const path = join(folder, "state", "n1.json");
    expect(await createNodeFileStore(path).load()).toBeNull();
    await createNodeFileStore(path).save({ epochs: new Map(), locks: new Map() });
    await createNodeFileStore(path).save(nodeMemory);
    expect(await createNodeFileStore(path).load()).toEqual(nodeMemory);
    expect(await readdir(join(folder, "state"))).toEqual(["n1.json"]);
  });

  test("gives a scheduler agent back what it saved last", async () => {
    const event = { cluster: "lab", observedAt: 1, subject: "a", sequence: 3, type: "started" } as const;
    const memory: SchedulerMemory = {
      epochs: nodeMemory.epochs,
      subjects: new Map([["a", { phase: "running", workers: 2, sequence: 3 }]]),
      widths: new Map([["a", [2, 0]]]),
      unsent: [{ ...event, job: null, service: null, progress: { samplesDone: 0, workers: 2 }, detail: "" }],
    };
    const store = createSchedulerFileStore(join(folder, "scheduler.json"));
    await store.save(memory);
    expect(await store.load()).toEqual(memory);
  });

  test("is the old one after a crash in the middle of a save", async () => {
    const path = join(folder, "n1.json");
    await createNodeFileStore(path).save(nodeMemory);
    await writeFile(`${path}.new`, '{"version":1,"epo');
    expect(await createNodeFileStore(path).load()).toEqual(nodeMemory);
  });

  test.each([
    "",
    "{",
    "[]",
    '{"version":2,"epochs":[],"locks":[]}',
    '{"version":1,"epochs":[["a",{}]],"locks":[]}',
  ])("that can't be read is refused: %s", async (text) => {
    const path = join(folder, "n1.json");
    await writeFile(path, text);
    await expect(createNodeFileStore(path).load()).rejects.toMatchObject({ code: "ERR_STATE_CORRUPT" });
  });
});

describe("a stop file", () => {
  test("stops while it is there, and also if that can't be told", async () => {
    const path = join(folder, "stop");
    const stopFile = createStopFile(path);
    expect(await stopFile.engaged()).toBe(false);
    await writeFile(path, "");
    expect(await stopFile.engaged()).toBe(true);
    expect(await createStopFile(join(path, "below-a-file")).engaged()).toBe(true);
  });
});

describe("limits of an agent", () => {
  test.each([
    { retryMinMs: 0 },
    { retryMaxMs: 10 },
    { decisionAgeMaxMs: Number.NaN },
    { reversionSpreadMs: -1 },
  ])("that can't be used are refused: %o", (changes) => {
    expect(() => agentLimits(changes)).toThrowError(expect.objectContaining({ code: "ERR_OPTION_INVALID" }));
  });
});
