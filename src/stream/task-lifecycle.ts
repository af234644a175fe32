import { assert } from "../records/index.ts";

/**
 * The life of a task.
 *
 * ```
 *             ┌────────── any failure, or the partition is lost ──────────┐
 *             │             │             │             │            │    ▼
 *  created ─▶ fencing ─▶ restoring ─▶ restored ─▶ running ◀─▶ committing  closed
 *                                        │            ▲
 *                                        └── seek ────┘
 * ```
 * - fencing: older owners are shut out, then the committed positions are read
 * - restoring: local state is opened and brought up to the end of the changelog
 * - restored: the consumer has yet to be moved to the committed positions
 * - running: takes records; nothing is open on the log
 * - committing: a transaction is open, or its fate is not known yet
 */
export type TaskPhase =
  | "created"
  | "fencing"
  | "restoring"
  | "restored"
  | "running"
  | "committing"
  | "closed";

const legalNext: Readonly<Record<TaskPhase, readonly TaskPhase[]>> = {
  created: ["fencing", "closed"],
  fencing: ["restoring", "closed"],
  restoring: ["restored", "closed"],
  restored: ["running", "closed"],
  running: ["committing", "closed"],
  committing: ["running", "closed"],
  closed: [],
};

/** Where a task is in its life. Every move is checked against the table. */
export class TaskLifecycle {
  #phase: TaskPhase = "created";

  get phase(): TaskPhase {
    return this.#phase;
  }

  /** Throws ERR_INTERNAL if the table does not allow it. */
  moveTo(next: TaskPhase): void {
    assert(legalNext[this.#phase].includes(next), `A task can't go from ${this.#phase} to ${next}.`);
    this.#phase = next;
  }
}
