import { beforeEach, expect, test } from "vitest";
import { createPublisher } from "../../src/client/index.ts";
import type { LedgerEntry } from "../../src/records/index.ts";
import { observedAt, samples } from "../records/samples.ts";
import { type CliHarness, cliHarness } from "./cli-harness.ts";

const DAY_MS = 86_400_000;
let carm: CliHarness;

beforeEach(async () => {
  carm = await cliHarness();
  const publisher = await createPublisher(carm.broker, carm.codec);
  const base = { ...samples["carm.ledger"], final: true, subjectKind: "job" as const };
  const entries: LedgerEntry[] = [
    { ...base, subject: "a,b", startsAt: 0, revision: 0, gco2: 999, energyKwh: 1 },
    { ...base, subject: "a,b", startsAt: 0, revision: 1, gco2: 100, energyKwh: 1 },
    { ...base, subject: "a,b", startsAt: DAY_MS, revision: 0, gco2: 50, energyKwh: 0.5, final: false },
    { ...base, subjectKind: "idle", subject: "", startsAt: DAY_MS, revision: 0, gco2: 7, energyKwh: 0.1 },
    { ...base, cluster: "other", subject: "c", startsAt: 0, revision: 0, gco2: 1, energyKwh: 1 },
  ];
  for (const entry of entries) publisher.add("carm.ledger", entry, observedAt);
  await publisher.close();
});

interface Shown {
  readonly lines: readonly { group: string; gco2: number; provisionalGco2: number }[];
  readonly total: { gco2: number; energyKwh: number };
}

test("the last revision of each hour counts, and the total is the sum of the lines", async () => {
  const { lines, total } = await carm.json<Shown>("ledger", "show", "lab");
  expect(lines.map(({ group, gco2, provisionalGco2 }) => [group, gco2, provisionalGco2])).toEqual([
    ["idle", 7, 0],
    ["job a,b", 150, 50],
  ]);
  expect(total).toMatchObject({ gco2: 157, energyKwh: 1.6 });
});

test("days and ranges", async () => {
  const byDay = await carm.json<Shown>("ledger", "show", "lab", "--by", "day");
  expect(byDay.lines.map(({ group, gco2 }) => [group, gco2])).toEqual([
    ["1970-01-01", 100],
    ["1970-01-02", 57],
  ]);
  const later = await carm.json<Shown>("ledger", "show", "lab", "--from", "1970-01-02T00:00:00Z");
  expect(later.total.gco2).toBe(57);
});

test("an export is CSV with one row an entry, quoted where it must be", async () => {
  const { stdout } = await carm.run("ledger", "export", "lab");
  const [head, first, ...others] = stdout.trimEnd().split("\n");
  expect(head).toMatch(/^cluster,subjectKind,subject,startsAt/);
  expect(first).toMatch(/^lab,job,"a,b",0,/);
  expect(others).toHaveLength(2);
});

test("a cluster without a ledger says when to expect one", async () => {
  const { code, stdout } = await carm.run("ledger", "show", "new");
  expect(code).toBe(0);
  expect(stdout).toMatch(/kWh/);
});
