import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoCommand } from "../../src/cli/commands/demo.ts";

const carm = fileURLToPath(new URL("../../bin/carm.js", import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a user does, without traces. */
function run(...args: string[]): Promise<Ended> {
  const env = { ...process.env, CARM_TRACES: "" };
  return new Promise((resolve) => {
    execFile(process.execPath, [carm, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe("carm demo", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "carm-demo-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it("with --json prints one object and nothing else, null where a competitor was left out, and a report that stands alone", async () => {
    const report = join(folder, "report.html");
    const options = [
      "--days",
      "1",
      "--gpus",
      "8",
      "--zone",
      "SE",
      "--planner",
      "ca-rm,max",
      "--report",
      report,
    ];
    const { code, stdout, stderr } = await run("demo", "--json", ...options);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.policies.map(({ policy }: { policy: string }) => policy)).toEqual(["ca-rm", "max"]);
    expect(Object.keys(result.policies[0])).toEqual([
      "policy",
      "kgCo2",
      "kwh",
      "slaViolationRatio",
      "deadlineMisses",
      "jobsFinished",
      "ppcTraining",
      "ppcInference",
      "ppc",
      "clockChanges",
      "resizes",
    ]);
    expect(result).toMatchObject({
      savingVsMeanOfCompetitors: null,
      savingVsBestCompetitor: null,
      input: { zone: "SE" },
    });
    expect(stderr).toMatch(/ca-rm: 100 %/);
    const html = await readFile(report, "utf8");
    expect(html).toMatch(/typical day/);
    expect(html.match(/(?:src|href)="https?:/g)).toBeNull();
  }, 240_000);

  it("says what is wrong and what would be right, without a stack", async () => {
    const { code, stdout, stderr } = await run("demo", "--zone", "XX");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^error: No typical days for zone XX; there is: .*DE/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it.each([
    [["--start", "2023-02-30"], /2023-06-05/],
    [["--start", "1990-01-01"], /from 2001/],
    [["--days", "0"], /from 1 to 60/],
    [["--load", "medium"], /low, high/],
    [["--planner", "ca-rm,nonsense"], /no planner nonsense; there are .*ca-rm/],
    [["--on-site", "nuclear:1"], /solar, wind or both/],
    [["--report", "/nowhere/at/all.html"], /folder that exists/],
    [["--sed", "3"], /--seed/],
  ])("says before it runs that %s is wrong, and what would be right", async (args, message) => {
    let said = "";
    const command = demoCommand()
      .exitOverride()
      .configureOutput({ writeErr: (text) => (said += text) });
    const failure: Error = await command.parseAsync(args, { from: "user" }).then(
      () => new Error("it ran"),
      (error: Error) => error,
    );
    expect(`${failure.message} ${said}`).toMatch(message);
  });
});
