import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SlurmClient } from "../../../src/agent/actuators/slurm/slurm-client.ts";
import { createSlurmCommands, slurmRunner } from "../../../src/agent/actuators/slurm/slurm-commands.ts";
import { createSlurmRest } from "../../../src/agent/actuators/slurm/slurm-rest.ts";
import { createSlurmScheduler } from "../../../src/agent/actuators/slurm/slurm-scheduler.ts";
import type { ObservedWorkload, SchedulerActuator } from "../../../src/agent/index.ts";
import type { CarmError } from "../../../src/records/index.ts";
import { describeSchedulerActuator } from "../../agent/actuator-conformance.ts";
import { until } from "../until.ts";
import { startSlurm, type TestSlurm } from "./slurm.ts";

let slurm: TestSlurm;
let commands: SlurmClient;
let rest: SlurmClient;

const FLEXIBLE = "carm: model=resnet50 pausable=true min-workers=1 max-workers=4";
const RIGID = "carm: model=resnet50";

beforeAll(async () => {
  slurm = await startSlurm();
  commands = createSlurmCommands(slurmRunner({ env: slurm.env }));
  rest = createSlurmRest({ url: slurm.restUrl, user: "root", token: async () => slurm.token, commands });
});

afterAll(async () => {
  await slurm?.stop();
});

/** Submits held, as a user would; returns the id under which the job is planned. */
function submit(comment: string, nodes = 2, script = "sleep 600"): string {
  const what = [
    "--parsable",
    "--hold",
    "--requeue",
    `-N${nodes}`,
    "--gres=gpu:1",
    "-o/dev/null",
    `--comment=${comment}`,
  ];
  return `slurm-${slurm.run("sbatch", ...what, "--wrap", script).trim()}`;
}

async function clear(): Promise<void> {
  slurm.run("scancel", "--user=root");
  await until("the queue is empty", () => slurm.run("squeue", "--noheader").trim() === "");
}

/** No job is on its way: every one that may run does, and none is ending. */
async function settled(): Promise<void> {
  await until("jobs have settled", () => {
    const lines = slurm.run("squeue", "--noheader", "--format=%T %r").trim().split("\n");
    return lines.every((line) => /^$|^RUNNING|^SUSPENDED|^PENDING .*held/i.test(line));
  });
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: CarmError) => error.code,
  );

const scheduler = (client: SlurmClient) => createSlurmScheduler({ client, cluster: "lab" });

async function see(actuator: SchedulerActuator, id: string): Promise<ObservedWorkload | undefined> {
  return (await actuator.observe()).find((workload) => workload.id === id);
}

for (const [name, client] of [
  ["Jobs of Slurm through commands", () => commands],
  ["Jobs of Slurm through slurmrestd", () => rest],
] as const) {
  describeSchedulerActuator(name, async () => {
    await clear();
    const [flexible, rigid] = [submit(FLEXIBLE), submit(RIGID)];
    const actuator = scheduler(client());
    await actuator.observe();
    return { actuator, flexible, rigid, settle: settled };
  });
}

describe("Jobs of Slurm", () => {
  test("a job says in its comment what its user wants; others are none of ours", async () => {
    await clear();
    const id = submit(
      "carm: model=resnet50 deadline=36h deadline-kind=soft samples=1e6 restart-cost=90s pool=shared",
    );
    const plainJob = submit("for the paper");
    const elsewhere = submit("carm: model=resnet50 cluster=elsewhere");
    const actuator = scheduler(commands);
    const seen = await see(actuator, id);
    expect(seen?.job).toMatchObject({
      system: "slurm",
      ref: id.replace("slurm-", ""),
      pool: "shared",
      model: "resnet50",
      samples: 1e6,
      deadlineKind: "soft",
      requestedWorkers: 2,
      minWorkers: 2,
      maxWorkers: 2,
      pausable: false,
      resizable: false,
      restartCostMs: 90_000,
    });
    expect(await see(actuator, plainJob)).toBeUndefined();
    expect(await see(actuator, elsewhere)).toBeUndefined();
  });

  test("a job that ends by itself is finished, and a cancelled one is cancelled", async () => {
    await clear();
    const [short, long] = [submit(RIGID, 1, "true"), submit(RIGID, 1)];
    const actuator = scheduler(commands);
    await actuator.observe();
    await actuator.run(short, 1);
    await until("it has finished", async () => (await see(actuator, short))?.phase === "finished");
    slurm.run("scancel", long.replace("slurm-", ""));
    expect((await see(actuator, long))?.phase).toBe("cancelled");
  });

  test("a job that would rather be suspended keeps its nodes and its place", async () => {
    await clear();
    const id = submit(`${FLEXIBLE} pause-by=suspend`);
    const actuator = scheduler(commands);
    await actuator.observe();
    await actuator.run(id, 2);
    await settled();
    await actuator.observe();
    await actuator.pause(id);
    await until("it is paused", async () => (await see(actuator, id))?.phase === "paused");
    expect(slurm.run("squeue", "--noheader", "--format=%T").trim()).toBe("SUSPENDED");
    await actuator.run(id, 2);
    await until("it runs again", async () => (await see(actuator, id))?.phase === "running");
  });

  test("what is decided is noted where its owner looks", async () => {
    await clear();
    const id = submit(FLEXIBLE);
    const actuator = scheduler(rest);
    await actuator.observe();
    await actuator.note?.(id, "Held (ca-rm, plan; 320 gCO2/kWh now).");
    const shown = slurm.run("scontrol", "show", "job", id.replace("slurm-", ""));
    expect(shown).toContain("AdminComment=Held (ca-rm, plan; 320 gCO2/kWh now).");
  });

  test("a comment that can't be used leaves the job alone and is told once", async () => {
    await clear();
    const id = submit("carm: model=resnet50 deadline=tomorrow");
    const problems: string[] = [];
    const actuator = createSlurmScheduler({
      client: commands,
      cluster: "lab",
      onProblem: (job, error) => problems.push(`${job} ${error.message}`),
    });
    for (let i = 0; i < 2; i++) expect(await see(actuator, id)).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(/deadline: "tomorrow" is not a time/)]);
  });

  test("a token that ran out is asked for anew; one that is never right is said so", async () => {
    const stale = createSlurmRest({
      url: slurm.restUrl,
      user: "root",
      token: async () => "not.a.token",
      commands,
    });
    await expect(stale.jobs()).rejects.toThrow(/token \(SLURM_JWT\)/);
    const renewed = ["not.a.token", slurm.token];
    const mended = createSlurmRest({
      url: slurm.restUrl,
      user: "root",
      token: async () => renewed.shift()!,
      commands,
    });
    expect(await code(mended.jobs())).toBe("ERR_ACTUATOR_FAILED");
    expect(await code(mended.jobs())).toBe("done");
  });

  test("while slurmctld is gone it is said so; afterwards jobs are as they were", async () => {
    await clear();
    const id = submit(FLEXIBLE);
    const actuator = scheduler(rest);
    await actuator.observe();
    await actuator.run(id, 2);
    await settled();
    await slurm.stopController();
    expect(await code(actuator.observe())).toBe("ERR_ACTUATOR_FAILED");
    await slurm.startController();
    await until("it is seen running", async () => {
      const seen = await see(actuator, id).catch(() => undefined);
      return seen?.phase === "running" && seen.progress?.workers === 2;
    });
  });
});
