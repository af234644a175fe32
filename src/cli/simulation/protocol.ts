import type { ObservedGpu, ObservedWorkload } from "../../agent/index.ts";

/** What an agent process stands for: one node, or the scheduler, of one simulated cluster. */
export interface Seat {
  readonly cluster: string;
  /** null for the scheduler. */
  readonly node: string | null;
  /** The node's pool; empty for the scheduler. */
  readonly pool: string;
}

/** What an agent process asks for; without a cluster or a node, all of them. */
export interface SeatRequest {
  readonly role: "node" | "scheduler";
  readonly cluster?: string;
  readonly node?: string;
}

/** The calls of the connection between a simulator and its agents: parameters and result. */
export interface Calls {
  join: [SeatRequest, { readonly seats: readonly Seat[]; readonly step: number | null }];
  observeNode: [{ cluster: string; node: string }, readonly ObservedGpu[]];
  lockSmClock: [{ cluster: string; node: string; uuid: string; smClockMhz: number | null }, null];
  observeJobs: [{ cluster: string }, readonly ObservedWorkload[]];
  runJob: [{ cluster: string; job: string; workers: number }, null];
  pauseJob: [{ cluster: string; job: string }, null];
  /** The agent has acted on everything that was decided up to this step. */
  done: [{ step: number }, null];
}

export type Call = keyof Calls;

/** One line of JSON each, over TCP. */
export interface CallLine {
  readonly id: number;
  readonly call: Call;
  readonly params: unknown;
}

export type AnswerLine =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

/** Simulated time now stands at this many epoch milliseconds, and the agents' turn has come. */
export interface StepLine {
  readonly step: number;
}
