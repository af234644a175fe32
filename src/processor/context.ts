import type { Planner } from "../planners/index.ts";
import type { Cluster, Policy, Target } from "../records/index.ts";
import type { State, StepOutput, StepRecord } from "../stream/processor.ts";
import type { Control } from "./state.generated.ts";
import { clusterKind, controlKind, policyKind } from "./state-kinds.ts";

/** What the handlers of one step share. */
export interface Context {
  readonly state: State;
  readonly cluster: string;
  /** Append time of the record, never before the latest tick: the only clock of a step. */
  readonly nowMs: number;
  /** Too much time has passed since for this step to decide or forecast anything. */
  readonly isBehind: boolean;
  readonly control: Control;
  readonly outputs: StepOutput[];
  readonly findPlanner: PlannerLookup;
}

/** The planner of a name. Throws ERR_OPTION_INVALID. */
export type PlannerLookup = (name: string) => Planner;

export function openContext(state: State, record: StepRecord, findPlanner: PlannerLookup): Context {
  const { cluster, appendedAt, isBehind, incarnation } = record;
  const control = state.get(controlKind, cluster, "") ?? newControl(incarnation);
  const nowMs = Math.max(appendedAt, control.nowMs);
  return { state, cluster, nowMs, isBehind, control, outputs: [], findPlanner };
}

/** Stores what the step changed in the cluster's control entry. */
export function closeContext(context: Context): StepOutput[] {
  context.state.put(controlKind, context.cluster, "", context.control);
  return context.outputs;
}

/** The cluster's declaration; undefined until it has one. */
export function declaration(context: Context): Cluster | undefined {
  return context.state.get(clusterKind, context.cluster, "");
}

/** The policy in force. */
export function policyInForce(context: Context): Policy {
  return context.state.get(policyKind, context.cluster, "") ?? defaultPolicy(context.cluster);
}

/** The policy of a cluster that was given none: planned in shadow, as nothing is touched that nobody asked for. */
export function defaultPolicy(cluster: string): Policy {
  return {
    cluster,
    observedAt: 0,
    version: 0,
    planner: "ca-rm",
    mode: "shadow",
    minSmClockMhz: null,
    maxSmClockMhz: null,
    leaseMs: 300_000,
  };
}

/** Asks for a new plan; the first reason given is kept. */
export function requestPlan(context: Context, trigger: string): void {
  if (context.control.planTrigger === "") context.control.planTrigger = trigger;
}

/** Removes what was decided about a target that is no more. */
export function forgetDecisions(context: Context, target: Target): void {
  const removedKey = `${context.cluster}/${target.kind}/${target.id}`;
  for (const topic of ["carm.decisions", "carm.decisions.shadow"] as const) {
    context.outputs.push({ topic, removedKey });
  }
}

function newControl(incarnation: number): Control {
  return {
    epoch: { incarnation, sequence: 0 },
    nowMs: 0,
    planTrigger: "",
    slotStartsAt: -1,
    plannedAt: -1,
    leaseRenewedAt: 0,
    mode: "off",
    openHourStartsAt: -1,
    capacity: -1,
    duplicates: 0,
    late: 0,
    failedActuations: 0,
    overriddenActuations: 0,
  };
}
