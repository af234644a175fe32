import { assert } from "../records/index.ts";
import type { ObservedGpu } from "./actuators/actuator.ts";
import type { DecisionView, Setpoint } from "./decision-view.ts";

/** What the tenants of a board want of it. */
export interface BoardWish {
  /** The lock, one of the supported clocks; null for the hardware's own control. */
  readonly lockMhz: number | null;
  /** The decisions about its tenants. */
  readonly setpoints: readonly Setpoint[];
}

const NO_SETPOINTS: readonly Setpoint[] = [];
const FREE: BoardWish = { lockMhz: null, setpoints: NO_SETPOINTS };

/**
 * The highest clock that any tenant needs. Inference goes before training: on a board with a service, jobs have no
 * say. A tenant that nobody knows or that nothing was decided about leaves the board to the hardware.
 */
export function boardWish(gpu: ObservedGpu, view: DecisionView, nowMs: number): BoardWish {
  if (gpu.tenants.length === 0) return FREE;
  const setpoints: Setpoint[] = [];
  let servicesNeedMhz = 0;
  let jobsNeedMhz = 0;
  for (const { kind, id } of gpu.tenants) {
    const setpoint = kind === "unknown" ? undefined : view.get(kind, id);
    if (setpoint === undefined) continue;
    setpoints.push(setpoint);
    const needMhz = neededClockMhz(setpoint, view, nowMs);
    if (kind === "service") servicesNeedMhz = Math.max(servicesNeedMhz, needMhz);
    else jobsNeedMhz = Math.max(jobsNeedMhz, needMhz);
  }
  const needMhz = servicesNeedMhz > 0 ? servicesNeedMhz : jobsNeedMhz;
  const isClear = setpoints.length === gpu.tenants.length && needMhz > 0 && Number.isFinite(needMhz);
  return { lockMhz: isClear ? supportedClockMhz(gpu, needMhz) : null, setpoints };
}

/** 0 for no need at all, infinite for the hardware's own control. */
function neededClockMhz(setpoint: Setpoint, view: DecisionView, nowMs: number): number {
  if (view.standing(setpoint, nowMs) !== "in-force") return Number.POSITIVE_INFINITY;
  const { action, smClockMhz } = setpoint.decision;
  return action === "run" ? (smClockMhz ?? Number.POSITIVE_INFINITY) : 0;
}

/** The nearest supported clock at or above, so that nobody gets less than asked; the highest if there is none. */
function supportedClockMhz(gpu: ObservedGpu, needMhz: number): number | null {
  const clocks = gpu.supportedSmClocksMhz;
  let low = 0;
  let high = clocks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (clocks[middle]! >= needMhz) high = middle;
    else low = middle + 1;
  }
  const clock = clocks[low] ?? null;
  assert(clock === null || clock >= needMhz || low === clocks.length - 1, "supported clocks must rise");
  return clock;
}
