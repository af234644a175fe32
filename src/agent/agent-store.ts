import type { Epoch, JobEvent } from "../records/index.ts";

/** Where an agent keeps what must outlast a restart. One store an agent. */
export interface AgentStore<Memory> {
  /** null before the first save. Throws ERR_STATE_CORRUPT. */
  load(): Promise<Memory | null>;
  /** Resolves once a crash can't undo it. The agent goes on changing what it passed: a store keeps a copy. */
  save(memory: Memory): Promise<void>;
}

/** What both agents remember: so that a restarted one still rejects decisions older than it has seen. */
export interface EpochMemory {
  /** Highest epoch seen, by target key. */
  readonly epochs: ReadonlyMap<string, Epoch>;
}

export interface NodeMemory extends EpochMemory {
  /** Locks that may be the agent's own, MHz, by GPU: written before a lock is asked for. */
  readonly locks: ReadonlyMap<string, readonly number[]>;
}

export interface SchedulerMemory extends EpochMemory {
  readonly subjects: ReadonlyMap<string, SubjectMemory>;
  /** Workers that a job may have by the agent's own doing, 0 for paused: written before they are asked for. */
  readonly widths: ReadonlyMap<string, readonly number[]>;
  /** Events that may not have reached the log yet. */
  readonly unsent: readonly JobEvent[];
}

/** What was last said about a job or a service. */
export interface SubjectMemory {
  readonly phase: "waiting" | "running" | "paused" | "finished" | "failed" | "cancelled" | "serving";
  /** Workers it last ran with; 0 if it never ran. */
  readonly workers: number;
  /** Sequence of its last event. */
  readonly sequence: number;
}

/** A store that forgets with the process: for simulations and tests. */
export function createMemoryStore<Memory>(): AgentStore<Memory> {
  let saved: Memory | null = null;
  return {
    load: async () => saved,
    save: async (memory) => {
      saved = structuredClone(memory);
    },
  };
}
