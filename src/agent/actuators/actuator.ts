import type { JobProgress, JobSpec, ServiceSpec, Tenant } from "../../records/index.ts";

/** What one GPU says of itself. */
export interface ObservedGpu {
  readonly uuid: string;
  readonly model: string;
  /** Clocks that can be locked, MHz, rising. */
  readonly supportedSmClocksMhz: readonly number[];
  readonly smClockMhz: number;
  /** null without a lock. */
  readonly lockedSmClockMhz: number | null;
  readonly powerWatts: number;
  readonly energyMillijoules: number;
  /** 0 to 1. */
  readonly utilization: number;
  readonly temperatureCelsius: number;
  /** What holds the clock below its lock, for example `power` or `heat`; absent if nothing does. */
  readonly overruledBy?: string;
  readonly healthy: boolean;
  readonly tenants: readonly Tenant[];
}

/**
 * The GPUs of one node. Calls fail with ERR_ACTUATOR_FAILED, ERR_ACTUATOR_DENIED (with what to grant),
 * ERR_ACTUATOR_UNSUPPORTED or ERR_GPU_LOST.
 */
export interface GpuActuator {
  observe(): Promise<readonly ObservedGpu[]>;
  /** Asks for a clock lock; what came of it is read back by `observe`. Locking twice is harmless. */
  lockSmClock(uuid: string, smClockMhz: number): Promise<void>;
  /** Back to the hardware's own control. */
  resetSmClock(uuid: string): Promise<void>;
}

/** A training job or a service as its scheduler knows it. */
export interface ObservedWorkload {
  readonly id: string;
  /**
   * `waiting`: it never ran, or its scheduler has put it back in the queue (preempted, lost a GPU). `paused`: it was told
   * to stop until it is told to go on, by whomever.
   */
  readonly phase: "waiting" | "running" | "paused" | "finished" | "failed" | "cancelled" | "serving";
  readonly job: JobSpec | null;
  readonly service: ServiceSpec | null;
  /** Its `workers` are those it is told to run with, however many have come up. */
  readonly progress: JobProgress | null;
  /** For people: why it failed, who cancelled. */
  readonly detail: string;
}

/**
 * The scheduler of one cluster. Calls fail with ERR_ACTUATOR_FAILED, ERR_ACTUATOR_DENIED (with what to grant) or
 * ERR_ACTUATOR_UNSUPPORTED; each is harmless if repeated.
 */
export interface SchedulerActuator {
  observe(): Promise<readonly ObservedWorkload[]>;
  /** Starts, resumes or resizes a job to this many workers. */
  run(job: string, workers: number): Promise<void>;
  /** Stops a running job so that it can resume. */
  pause(job: string): Promise<void>;
  /** Tells a job's owner, where he looks for it, what is decided about it and why. Absent where there is no such place. */
  note?(job: string, text: string): Promise<void>;
}
