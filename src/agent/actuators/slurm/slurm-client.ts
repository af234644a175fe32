/** A number as Slurm 22.05 writes it, or as later versions do. */
type SlurmNumber =
  | number
  | null
  | { readonly set: boolean; readonly infinite?: boolean; readonly number: number };

/** What is used of a job in the JSON of `squeue --json` and slurmrestd, which share it. */
export interface SlurmJson {
  readonly job_id: SlurmNumber;
  readonly job_state: string | readonly string[];
  readonly state_reason?: string;
  readonly comment?: string | null;
  readonly admin_comment?: string | null;
  readonly priority?: SlurmNumber;
  readonly requeue?: boolean;
  readonly restart_cnt?: SlurmNumber;
  readonly node_count?: SlurmNumber;
  readonly submit_time?: SlurmNumber;
  readonly eligible_time?: SlurmNumber;
  readonly tres_per_node?: string | null;
  readonly tres_per_job?: string | null;
  readonly tres_req_str?: string | null;
  readonly partition?: string;
}

/** The calls to Slurm that are made. All are harmless if repeated. */
export interface SlurmClient {
  jobs(): Promise<readonly SlurmJson[]>;
  /** Lifts a hold. */
  release(jobId: string): Promise<void>;
  /** Before this time it does not start; for pending jobs. */
  startAfter(jobId: string, time: "now"): Promise<void>;
  /** Exactly so many nodes: any number for pending jobs, fewer for running ones. */
  setNodes(jobId: string, nodes: number, state: "pending" | "running"): Promise<void>;
  /** Stops a running job and puts it back into the queue, held or not. */
  requeue(jobId: string, held: boolean): Promise<void>;
  suspend(jobId: string): Promise<void>;
  resume(jobId: string): Promise<void>;
  /** For people: shown by `scontrol show job`. */
  comment(jobId: string, text: string): Promise<void>;
}

export function plain(value: SlurmNumber | undefined): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "number") return value;
  return value.set ? value.number : 0;
}

/** The base state; later versions add flags to it in a list. */
export function stateOf({ job_state: state }: SlurmJson): string {
  const states = typeof state === "string" ? [state] : state;
  return states.find((one) => one === "COMPLETING") ?? states[0] ?? "";
}
