import { type Context, policyInForce } from "./context.ts";
import { decide, plainReason } from "./decisions.ts";
import { limits } from "./limits.ts";
import { jobKind, serviceKind } from "./state-kinds.ts";

/** Renews the lease of all setpoints well before it ends. Called at ticks. */
export function renewLease(context: Context): void {
  const policy = policyInForce(context);
  if (context.control.mode === "off" || context.control.plannedAt < 0) return;
  if (context.nowMs - context.control.leaseRenewedAt < policy.leaseMs * limits.leaseRenewalShare) return;
  context.control.leaseRenewedAt = context.nowMs;
  decide(context, {
    target: { kind: "lease", id: "" },
    action: "renew",
    workers: null,
    smClockMhz: null,
    onLeaseEnd: "default",
    reason: plainReason(policy.planner, "lease"),
    planHash: "",
  });
}

/**
 * Takes over the mode of the policy. Going from live to shadow or off releases what was set; any change makes
 * every setpoint be decided anew.
 */
export function followMode(context: Context): void {
  const { mode } = policyInForce(context);
  if (mode === context.control.mode) return;
  if (context.control.mode === "live") releaseAll(context);
  else forgetSetpoints(context);
  context.control.mode = mode;
}

/**
 * Gives every target back: clocks to the hardware, jobs to what their users asked for. Whatever decides next decides
 * all of them anew.
 */
export function releaseAll(context: Context): void {
  for (const [id, job] of context.state.range(jobKind, context.cluster)) {
    if (job.decided !== null) release(context, "job", id);
  }
  for (const [id, service] of context.state.range(serviceKind, context.cluster)) {
    if (service.decidedSmClockMhz !== null) release(context, "service", id);
  }
  forgetSetpoints(context);
}

function forgetSetpoints(context: Context): void {
  for (const [id, job] of context.state.range(jobKind, context.cluster)) {
    context.state.put(jobKind, context.cluster, id, { ...job, decided: null });
  }
  for (const [id, service] of context.state.range(serviceKind, context.cluster)) {
    context.state.put(serviceKind, context.cluster, id, { ...service, decidedSmClockMhz: null });
  }
}

function release(context: Context, kind: "job" | "service", id: string): void {
  decide(context, {
    target: { kind, id },
    action: "release",
    workers: null,
    smClockMhz: null,
    onLeaseEnd: "default",
    reason: plainReason(policyInForce(context).planner, "release"),
    planHash: "",
  });
}
