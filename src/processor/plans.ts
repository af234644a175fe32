import type { Plan } from "../records/index.ts";
import { type Context, declaration, policyInForce, requestPlan } from "./context.ts";
import { decideJobs } from "./job-decisions.ts";
import { limits } from "./limits.ts";
import { planInForce, slotAt } from "./plan-in-force.ts";
import { planRecord } from "./plan-record.ts";
import { advancePlanning, startPlanning } from "./planning.ts";
import { buildProblem } from "./problem.ts";
import { decideServices } from "./services.ts";
import { planKind, planningKind } from "./state-kinds.ts";

/** Starts the plan that was asked for, unless one is being made or the cluster is not declared. Called at ticks. */
export function startRequestedPlan(context: Context): void {
  const cluster = declaration(context);
  if (context.control.planTrigger === "" || cluster === undefined || policyInForce(context).mode === "off")
    return;
  if (context.state.get(planningKind, context.cluster, "") !== undefined) return;
  const planning = startPlanning(
    policyInForce(context).planner,
    context.control.planTrigger,
    buildProblem(context, cluster),
  );
  context.control.planTrigger = "";
  context.state.put(planningKind, context.cluster, "", planning);
}

/** Does a bounded piece of the planning that is under way; puts the plan in force when it is complete. */
export function continuePlanning(context: Context): void {
  const planning = context.state.get(planningKind, context.cluster, "");
  if (planning === undefined) return;
  const result = advancePlanning(
    planning,
    context.findPlanner(planning.planner),
    limits.planningUnitsPerStep,
  );
  if (result === undefined) {
    context.state.put(planningKind, context.cluster, "", planning);
    return;
  }
  context.state.delete(planningKind, context.cluster, "");
  if (context.control.mode === "off") return;
  const { planner, trigger, problem } = planning;
  const origin = { cluster: context.cluster, observedAt: context.nowMs, planner, trigger };
  const plan = planRecord(origin, problem, result);
  context.state.put(planKind, context.cluster, "", { ...plan, problem: "" });
  context.outputs.push({ topic: "carm.plans", value: plan });
  context.control.plannedAt = context.nowMs;
  applySlot(context, plan);
}

/** Drops plans that were made under other rules. What was decided stays in force until the next plan, which is asked for. */
export function voidPlan(context: Context, trigger: string): void {
  context.state.delete(planKind, context.cluster, "");
  context.state.delete(planningKind, context.cluster, "");
  requestPlan(context, trigger);
}

/** Asks for a plan once the task has caught up; one that was being made knows too little by then. */
export function postponePlanning(context: Context): void {
  context.state.delete(planningKind, context.cluster, "");
  requestPlan(context, "caught-up");
}

/** At a new slot the plan for it is awaited; where it takes too long, the old plan goes on. Called at ticks. */
export function followPlan(context: Context): void {
  const plan = planInForce(context);
  if (plan === undefined || context.control.mode === "off") return;
  const slotStartsAt = plan.startsAt + slotAt(plan, context.nowMs) * plan.slotMs;
  if (slotStartsAt > context.control.slotStartsAt && context.nowMs >= slotStartsAt + limits.slotGraceMs) {
    applySlot(context, plan);
  }
}

function applySlot(context: Context, plan: Plan): void {
  const slot = slotAt(plan, context.nowMs);
  context.control.slotStartsAt = plan.startsAt + slot * plan.slotMs;
  decideJobs(context, plan, slot);
  decideServices(context, plan, slot);
}
