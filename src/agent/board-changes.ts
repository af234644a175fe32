import { CarmError } from "../records/index.ts";
import type { GpuActuator, ObservedGpu } from "./actuators/actuator.ts";
import type { Board, BoardChange } from "./board.ts";
import type { DecisionView } from "./decision-view.ts";
import { asCarmError, type NextPass } from "./reconcile-result.ts";
import type { Reporter } from "./reporter.ts";

interface ChangeContext {
  readonly actuator: GpuActuator;
  readonly view: DecisionView;
  readonly reporter: Reporter;
  readonly nowMs: number;
  readonly next: NextPass;
}

/** Asks the device for every change, then reads back what came of them. */
export async function changeBoards(context: ChangeContext, changes: readonly BoardChange[]): Promise<void> {
  const { actuator } = context;
  const asked: BoardChange[] = [];
  for (const change of changes) {
    const { gpu, lockMhz } = change;
    try {
      if (lockMhz === null) await actuator.resetSmClock(gpu.uuid);
      else await actuator.lockSmClock(gpu.uuid, lockMhz);
      asked.push(change);
    } catch (cause) {
      refused(context, change, cause);
    }
  }
  if (asked.length === 0) return;
  let found: readonly ObservedGpu[];
  try {
    found = await actuator.observe();
  } catch (cause) {
    for (const change of asked) refused(context, change, cause);
    return;
  }
  const byUuid = new Map(found.map((gpu) => [gpu.uuid, gpu]));
  for (const change of asked) readBack(context, change, byUuid.get(change.gpu.uuid));
}

function readBack(context: ChangeContext, change: BoardChange, gpu: ObservedGpu | undefined): void {
  const { board, lockMhz } = change;
  if (gpu === undefined || !gpu.healthy) {
    board.lost = true;
    const message = "it stopped answering during the change.";
    refused(context, change, new CarmError("ERR_GPU_LOST", message));
    return;
  }
  const found = gpu.lockedSmClockMhz;
  const choseAnother = lockMhz !== null && found !== null && found !== change.gpu.lockedSmClockMhz;
  if (found === lockMhz || choseAnother) {
    reportChange(context.reporter, context.view, change, found, context.nowMs);
    board.answered(change, found);
    return;
  }
  // Some devices take their time: it is a failure only if it is still so when asked again.
  const message = `asked for ${lockMhz ?? "no lock"}, found ${found ?? "no lock"}; look for another program that sets clocks.`;
  if (board.backOff.failures > 0) refused(context, change, new CarmError("ERR_ACTUATOR_FAILED", message));
  else waits(context, board);
}

function refused(context: ChangeContext, change: BoardChange, cause: unknown): void {
  const { reporter, next } = context;
  const { board, gpu, setpoints } = change;
  const error = asCarmError(cause);
  if (error.code === "ERR_GPU_LOST") {
    board.lost = true;
    reportLost(reporter, board);
  } else {
    const detail = `${error.code} ${gpu.uuid}: ${error.message}`;
    const finding = { result: "failed", smClockMhz: gpu.lockedSmClockMhz, workers: null, detail } as const;
    for (const { decision } of setpoints) reporter.add(decision, finding);
  }
  waits(context, board);
  next.failed(error, board.backOff.retryAtMs);
}

function waits({ nowMs, next }: ChangeContext, board: Board): void {
  board.backOff.failed(nowMs);
  next.due(board.backOff.retryAtMs);
}

/** Reports a change that was made, with the lock read back. A lease that had ended before has no part in a new lock. */
export function reportChange(
  reporter: Reporter,
  view: DecisionView,
  change: BoardChange,
  smClockMhz: number | null,
  nowMs: number,
): void {
  for (const setpoint of change.setpoints) {
    const leaseOver = view.standing(setpoint, nowMs) === "lease-over";
    if (leaseOver && change.lockMhz !== null) continue;
    const result = leaseOver || change.halted ? "reverted" : "applied";
    reporter.add(setpoint.decision, { result, smClockMhz, workers: null, detail: "" });
  }
}

/** Reports a board that does not answer to everybody who was last seen on it. */
export function reportLost(reporter: Reporter, board: Board): void {
  const detail = `ERR_GPU_LOST ${board.uuid}: it no longer answers.`;
  for (const { decision } of board.setpoints) {
    reporter.add(decision, { result: "failed", smClockMhz: null, workers: null, detail });
  }
}
