import type { ObservedGpu } from "./actuators/actuator.ts";
import type { AgentLimits } from "./agent-limits.ts";
import { BackOff } from "./back-off.ts";
import type { BoardWish } from "./board-wish.ts";
import type { Setpoint } from "./decision-view.ts";

/** A change that a board needs, and whom it is for. */
export interface BoardChange {
  readonly board: Board;
  /** As observed before the change. */
  readonly gpu: ObservedGpu;
  /** null resets. */
  readonly lockMhz: number | null;
  readonly setpoints: readonly Setpoint[];
  /** True if the agent gives up what it set, whatever was decided. */
  readonly halted: boolean;
}

/**
 * `settled`: as wanted. `foreign`: the lock is somebody else's, so it is left alone. `wait`: a failed change is not yet
 * due again. `change`: it differs.
 */
export type BoardJudgement = "settled" | "foreign" | "wait" | "change";

const NONE: readonly number[] = [];

/** What a node agent knows of one board: which locks are its own, what it asked for, and what came of it. */
export class Board {
  readonly uuid: string;
  readonly backOff: BackOff;
  /** Locks that are or may be the agent's own: more than one after a change whose outcome was not seen. */
  mine: readonly number[];
  /** Decisions about its tenants when it was last seen. */
  setpoints: readonly Setpoint[] = [];
  /** It did not answer when it was last looked for. */
  lost = false;
  /** Asked for, but not yet read back. */
  pending: BoardChange | null = null;
  #yielded = false;
  #reclaimed = false;
  /** The lock the device chose when asked for one that it would not set. */
  #answer: { readonly askedMhz: number | null; readonly lockMhz: number } | null = null;

  constructor(uuid: string, limits: AgentLimits, mine: readonly number[]) {
    this.uuid = uuid;
    this.backOff = new BackOff(limits);
    this.mine = mine;
  }

  /** True while it is left to somebody else. */
  get yielded(): boolean {
    return this.#yielded;
  }

  judge(gpu: ObservedGpu, wish: BoardWish, nowMs: number): BoardJudgement {
    const lockMhz = gpu.lockedSmClockMhz;
    if (this.#reclaimed) {
      this.#reclaimed = false;
      this.#own(lockMhz);
    }
    if (this.#yielded) return "foreign";
    const answered = this.#answer?.askedMhz === wish.lockMhz && this.#answer?.lockMhz === lockMhz;
    if (lockMhz === wish.lockMhz || answered) {
      this.#own(lockMhz);
      return "settled";
    }
    if (lockMhz !== null && !this.mine.includes(lockMhz)) {
      this.#own(null);
      this.pending = null;
      // Without a decision there is nothing to yield: a later one is judged afresh.
      if (wish.setpoints.length === 0) return "settled";
      this.#yielded = true;
      return "foreign";
    }
    return this.backOff.allows(nowMs) ? "change" : "wait";
  }

  /** Before the device is asked: from here on both locks may be found. */
  intend(change: BoardChange): void {
    this.pending = change;
    const { lockMhz } = change;
    const now = change.gpu.lockedSmClockMhz;
    const possible = [now, lockMhz].filter((clock) => clock !== null);
    this.mine = possible.length === 0 ? this.mine : possible;
  }

  /** The device answered a change with this lock. */
  answered(change: BoardChange, lockMhz: number | null): void {
    this.#answer = lockMhz === null ? null : { askedMhz: change.lockMhz, lockMhz };
    this.#own(lockMhz);
    this.pending = null;
    this.backOff.succeeded();
  }

  /** Takes the board back from somebody else: the lock found next counts as the agent's own. */
  reclaim(): void {
    this.#reclaimed = this.#yielded;
    this.#yielded = false;
  }

  #own(lockMhz: number | null): void {
    if (lockMhz === null) this.mine = NONE;
    else if (this.mine.length !== 1 || this.mine[0] !== lockMhz) this.mine = [lockMhz];
  }
}
