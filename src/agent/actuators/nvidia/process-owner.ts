import { readFile } from "node:fs/promises";
import type { FindOwner, Owner } from "./tenants.ts";

export interface ProcessOwnerOptions {
  /** The job or service of a Kubernetes pod, by the pod's uid; null if it is neither. */
  readonly ownerOfPod?: (podUid: string) => Promise<Owner | null>;
  /** Where the kernel shows processes: the host's, if this runs in a container. `/proc` unless given. */
  readonly procFolder?: string;
}

/**
 * Finds whose process it is: by `CARM_JOB` or `CARM_SERVICE` in its environment, by the Slurm job it belongs to, or by
 * the Kubernetes pod whose control group it is in. Needs to see the processes of others: root, and in Kubernetes `hostPID`.
 */
export function processOwner(options: ProcessOwnerOptions = {}): FindOwner {
  const { ownerOfPod, procFolder = "/proc" } = options;
  return async (pid) => {
    const environment = await readVariables(`${procFolder}/${pid}/environ`);
    const service = environment.get("CARM_SERVICE");
    if (service) return { kind: "service", id: service };
    const job = environment.get("CARM_JOB");
    if (job) return { kind: "job", id: job };
    const slurmJob = environment.get("SLURM_JOB_ID");
    if (slurmJob) return { kind: "job", id: slurmSubject(slurmJob) };
    if (ownerOfPod === undefined) return null;
    const podUid = podUidOf(await text(`${procFolder}/${pid}/cgroup`));
    return podUid === null ? null : await ownerOfPod(podUid);
  };
}

/** The id under which a Slurm job is planned. */
export function slurmSubject(jobId: string | number): string {
  return `slurm-${jobId}`;
}

/** Control groups name a pod `pod<uid>`, with `_` for `-` where systemd manages them. */
export function podUidOf(cgroup: string): string | null {
  const found = /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})/.exec(cgroup);
  return found?.[1]?.replaceAll("_", "-") ?? null;
}

async function readVariables(path: string): Promise<ReadonlyMap<string, string>> {
  const variables = new Map<string, string>();
  for (const line of (await text(path)).split("\0")) {
    const at = line.indexOf("=");
    if (at > 0) variables.set(line.slice(0, at), line.slice(at + 1));
  }
  return variables;
}

/** Empty if the process has ended or may not be looked at. */
async function text(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
