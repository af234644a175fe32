import type { JobSpec } from "../../../records/index.ts";
import { type JobWishes, jobSpecOf, jobWishNames } from "../common/job-wishes.ts";
import { slurmSubject } from "../nvidia/process-owner.ts";
import { plain, type SlurmJson, stateOf } from "./slurm-client.ts";

/** A job that CA-RM knows: as it is planned, and as it is in Slurm. */
export interface SlurmJob {
  /** `slurm-JOBID`: the id under which it is planned. */
  readonly id: string;
  readonly jobId: string;
  readonly json: SlurmJson;
  readonly state: string;
  readonly spec: JobSpec;
  readonly nodes: number;
  readonly gpusPerNode: number;
  /** Suspends instead of requeueing: the job keeps its GPUs' memory, and loses nothing. */
  readonly pausesBySuspend: boolean;
}

const MARK = /^\s*carm:/;

/**
 * What the user says in a job's comment: `carm: model=resnet50 deadline=36h pausable=true`. null if he says nothing, so
 * that it is none of ours.
 */
export function wishesIn(comment: string | null | undefined): (JobWishes & { "pause-by"?: string }) | null {
  if (!MARK.test(comment ?? "")) return null;
  const wishes: JobWishes & { "pause-by"?: string } = {};
  for (const [, name, text] of comment!.matchAll(/([a-z-]+)=([^\s,;]+)/g)) {
    if (name === "pause-by") wishes["pause-by"] = text!;
    else if ((jobWishNames as readonly string[]).includes(name!)) wishes[name as keyof JobWishes] = text!;
  }
  return wishes;
}

/**
 * null for a job that is none of this cluster's. `requestedNodes`: what it asked for before anybody changed it. Throws
 * ERR_OPTION_INVALID for wishes that can't be used.
 */
export function knownSlurmJob(
  json: SlurmJson,
  cluster: string,
  defaultPool: string,
  requestedNodes: (jobId: string, nodes: number) => number,
): SlurmJob | null {
  const wishes = wishesIn(json.comment);
  if (wishes === null || (wishes.cluster !== undefined && wishes.cluster !== cluster)) return null;
  const jobId = String(plain(json.job_id));
  const nodes = Math.max(1, plain(json.node_count));
  const gpusPerNode = gpusOn(json, nodes);
  const pausesBySuspend = wishes["pause-by"] === "suspend";
  const spec = jobSpecOf(wishes, {
    system: "slurm",
    ref: jobId,
    submittedAt: plain(json.submit_time) * 1_000,
    requestedWorkers: requestedNodes(jobId, nodes) * gpusPerNode,
    mostWorkers: null,
    // Plans count single GPUs; widening a running job takes a requeue.
    canResize: gpusPerNode === 1 && json.requeue === true,
    canPause: pausesBySuspend || json.requeue === true,
    // Slurm's priorities are of another kind: they rise with age.
    priority: 0,
    defaultPool,
  });
  return {
    id: slurmSubject(jobId),
    jobId,
    json,
    state: stateOf(json),
    spec,
    nodes,
    gpusPerNode,
    pausesBySuspend,
  };
}

/** GPUs on each node; a job that asks for none has one worker a node. */
function gpusOn(json: SlurmJson, nodes: number): number {
  const perNode = gpusIn(json.tres_per_node);
  if (perNode > 0) return perNode;
  const total = gpusIn(json.tres_per_job) || gpusIn(json.tres_req_str);
  return Math.max(1, Math.ceil(total / nodes));
}

/** The count in `gres:gpu:2`, `gres/gpu:h200:2` or `cpu=4,gres/gpu=2`; `gpu` alone is one. */
function gpusIn(tres: string | null | undefined): number {
  const found = /(?:^|[:/,])gpu(?:[:/][A-Za-z][\w.-]*)?(?:[:=](\d+))?(?:,|$)/.exec(tres ?? "");
  return found === null ? 0 : Number(found[1] ?? 1);
}
