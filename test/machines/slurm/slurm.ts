import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../free-ports.ts";
import { ended } from "../process-end.ts";
import { until } from "../until.ts";

/** A Slurm of real daemons with four nodes on this machine, each with one pretended GPU. */
export interface TestSlurm {
  /** What every command of Slurm needs in its environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly restUrl: string;
  readonly token: string;
  run(program: string, ...args: readonly string[]): string;
  stopController(): Promise<void>;
  startController(): Promise<void>;
  stop(): Promise<void>;
}

const NODES = ["n1", "n2", "n3", "n4"];

/** Starts it on free ports. Needs root: the pretended GPUs are device files. */
export async function startSlurm(): Promise<TestSlurm> {
  const folder = mkdtempSync(join(tmpdir(), "carm-slurm-"));
  chmodSync(folder, 0o755);
  const [controller, rest, ...nodes] = await freePorts(2 + NODES.length);
  const file = (name: string, content: string | Buffer, mode = 0o644) => {
    writeFileSync(join(folder, name), content, { mode });
    return join(folder, name);
  };
  const munge = join(folder, "munge.socket");
  const key = file("munge.key", randomBytes(128), 0o600);
  const jwt = file("jwt.key", randomBytes(32), 0o600);
  for (const sub of ["state", ...NODES]) mkdirSync(join(folder, sub));
  for (const node of NODES) execFileSync("mknod", [join(folder, `${node}-gpu`), "c", "1", "3"]);
  const config = file("slurm.conf", slurmConf(folder, controller!, nodes, munge, jwt));
  file(
    "gres.conf",
    [
      "AutoDetect=off",
      ...NODES.map((n) => `NodeName=${n} Name=gpu Type=h200 File=${join(folder, `${n}-gpu`)}`),
      "",
    ].join("\n"),
  );
  const env = { ...process.env, SLURM_CONF: config };
  const processes: ChildProcess[] = [];
  const start = (program: string, args: readonly string[], extra: NodeJS.ProcessEnv = {}) => {
    const log = openSync(join(folder, `${program.split("/").at(-1)}.out`), "a");
    const child = spawn(program, args, {
      stdio: ["ignore", log, log],
      env: { ...env, ...extra },
      cwd: folder,
    });
    processes.push(child);
    return child;
  };
  const run = (program: string, ...args: readonly string[]) =>
    execFileSync(program, args, { env, encoding: "utf8", stdio: "pipe", cwd: folder });

  start("munged", [
    "--foreground",
    "--force",
    `--key-file=${key}`,
    `--socket=${munge}`,
    `--pid-file=${join(folder, "munge.pid")}`,
    `--log-file=${join(folder, "munge.log")}`,
    `--seed-file=${join(folder, "munge.seed")}`,
  ]);
  await until("munge answers", () => run("munge", "-n", `--socket=${munge}`).includes("MUNGE"));
  let slurmctld: ChildProcess | null = null;
  const startController = async () => {
    slurmctld = start("slurmctld", ["-D", "-f", config]);
    await until("slurmctld answers", () => run("scontrol", "ping").includes("UP"));
  };
  await startController();
  for (const node of NODES) start("slurmd", ["-D", "-N", node, "-f", config]);
  await until("all nodes are idle", () => {
    const states = run("sinfo", "--noheader", "--Node", "--format=%t").trim().split("\n");
    return states.length === NODES.length && states.every((state) => state === "idle");
  });
  // It refuses to run as root.
  const restUrl = `http://127.0.0.1:${rest}`;
  start(
    "setpriv",
    [
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      "slurmrestd",
      "-a",
      "rest_auth/jwt",
      "-s",
      "openapi/v0.0.38",
      `127.0.0.1:${rest}`,
    ],
    { SLURM_JWT: "daemon" },
  );
  const token = run("scontrol", "token", "lifespan=3600", "username=root").trim().replace("SLURM_JWT=", "");
  const headers = { "X-SLURM-USER-NAME": "root", "X-SLURM-USER-TOKEN": token };
  await until(
    "slurmrestd answers",
    async () => (await fetch(`${restUrl}/slurm/v0.0.38/ping`, { headers })).ok,
  );
  return {
    env,
    restUrl,
    token,
    run,
    startController,
    stopController: () => ended(slurmctld!),
    stop: async () => {
      try {
        run("scancel", "--user=root");
        await until("no job runs", () => run("squeue", "--noheader").trim() === "");
      } finally {
        await Promise.all(processes.map(ended));
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

function slurmConf(
  folder: string,
  controller: number,
  nodes: readonly number[],
  munge: string,
  jwt: string,
): string {
  return [
    "ClusterName=test",
    "SlurmctldHost=localhost(127.0.0.1)",
    `SlurmctldPort=${controller}`,
    "SlurmUser=root",
    "AuthType=auth/munge",
    `AuthInfo=socket=${munge}`,
    "CredType=cred/munge",
    "AuthAltTypes=auth/jwt",
    `AuthAltParameters=jwt_key=${jwt}`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/%n`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/%n.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdLogFile=${folder}/%n.log`,
    "ProctrackType=proctrack/linuxproc",
    "TaskPlugin=task/none",
    "MpiDefault=none",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_Core",
    "SlurmdParameters=config_overrides",
    "ReturnToService=2",
    "MinJobAge=600",
    "KillWait=1",
    "SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=100000,batch_sched_delay=0",
    "GresTypes=gpu",
    ...NODES.map(
      (n, i) => `NodeName=${n} NodeAddr=127.0.0.1 Port=${nodes[i]} CPUs=8 Gres=gpu:h200:1 State=UNKNOWN`,
    ),
    `PartitionName=main Nodes=${NODES.join(",")} Default=YES MaxTime=INFINITE State=UP`,
    "",
  ].join("\n");
}
