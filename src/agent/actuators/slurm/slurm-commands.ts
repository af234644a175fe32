import { execFile } from "node:child_process";
import { CarmError, type ErrorCode } from "../../../records/index.ts";
import type { SlurmClient, SlurmJson } from "./slurm-client.ts";

export interface SlurmCommandsOptions {
  /** Environment of the commands, for example with SLURM_CONF; this process's unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How long a command may take, ms; 30 s unless given. */
  readonly timeoutMs?: number;
}

/** Runs a command of Slurm and returns what it prints. Throws ERR_ACTUATOR_…. */
export type RunSlurm = (program: string, ...args: readonly string[]) => Promise<string>;

const TIMEOUT_MS = 30_000;

export function slurmRunner({ env, timeoutMs = TIMEOUT_MS }: SlurmCommandsOptions = {}): RunSlurm {
  return (program, ...args) =>
    new Promise((resolve, reject) => {
      const options = { timeout: timeoutMs, maxBuffer: 256 << 20, ...(env === undefined ? {} : { env }) };
      execFile(program, [...args], options, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        reject(commandError(`${program} ${args.join(" ")}`, error, `${stderr}${stdout}`.trim()));
      });
    });
}

function commandError(
  what: string,
  error: Error & { code?: unknown; killed?: boolean },
  said: string,
): CarmError {
  const failed = (code: ErrorCode, text: string) => new CarmError(code, text, { cause: error });
  if (error.code === "ENOENT") {
    return failed(
      "ERR_ACTUATOR_UNSUPPORTED",
      `${what}: there is no such command; install Slurm's client commands.`,
    );
  }
  if (error.killed)
    return failed("ERR_ACTUATOR_FAILED", `${what}: no answer in time; see whether slurmctld runs.`);
  if (/permission denied|Invalid user id|access denied/i.test(said)) {
    const grant =
      "the agent's user needs operator rights (sacctmgr add user … adminlevel=Operator) or to be SlurmUser.";
    return failed("ERR_ACTUATOR_DENIED", `${what}: ${said} ${grant}`);
  }
  return failed("ERR_ACTUATOR_FAILED", `${what}: ${said.slice(0, 500) || error.message}`);
}

/** Slurm through its commands. */
export function createSlurmCommands(run: RunSlurm): SlurmClient {
  const update = async (jobId: string, change: string) => {
    await run("scontrol", "update", `JobId=${jobId}`, change);
  };
  const control = (verb: string) => async (jobId: string) => {
    await run("scontrol", verb, jobId);
  };
  return {
    jobs: async () => {
      const output = await run("squeue", "--json", "--states=all");
      return (JSON.parse(output) as { jobs: readonly SlurmJson[] }).jobs;
    },
    release: control("release"),
    startAfter: (jobId, time) => update(jobId, `StartTime=${time}`),
    // For pending jobs one number is a least number that is refused; as a range it sets tasks, too.
    setNodes: (jobId, nodes, state) =>
      update(jobId, `NumNodes=${state === "pending" ? `${nodes}-${nodes}` : nodes}`),
    requeue: (jobId, held) => control(held ? "requeuehold" : "requeue")(jobId),
    suspend: control("suspend"),
    resume: control("resume"),
    comment: (jobId, text) => update(jobId, `AdminComment=${text}`),
  };
}
