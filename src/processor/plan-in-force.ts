import type { Plan } from "../records/index.ts";
import type { Context } from "./context.ts";
import { planKind } from "./state-kinds.ts";

/** The plan in force; undefined before the first. */
export function planInForce(context: Context): Plan | undefined {
  return context.state.get(planKind, context.cluster, "");
}

/** Index of the slot that holds at a time; the last one goes on after the plan's end. */
export function slotAt(plan: Plan, timeMs: number): number {
  const slots = Math.max(1, plan.jobs[0]?.workers.length ?? plan.services[0]?.smClockMhz.length ?? 1);
  return Math.min(slots - 1, Math.max(0, Math.floor((timeMs - plan.startsAt) / plan.slotMs)));
}
