import { supportedSmClocksMhz } from "../profiles/index.ts";
import {
  type Action,
  assert,
  type Decision,
  type LeaseEnd,
  type Profile,
  type Reason,
  type Target,
} from "../records/index.ts";
import type { StepOutput } from "../stream/processor.ts";
import { type Context, declaration, policyInForce } from "./context.ts";

/** What to decide about one target. */
export interface Setpoint {
  readonly target: Target;
  readonly action: Action;
  readonly workers: number | null;
  readonly smClockMhz: number | null;
  readonly onLeaseEnd: LeaseEnd;
  readonly reason: Reason;
  readonly planHash: string;
}

/** Publishes a decision with the next epoch: to the control topic if the policy is live, to its shadow otherwise. */
export function decide(context: Context, setpoint: Setpoint): void {
  const policy = policyInForce(context);
  const { epoch } = context.control;
  epoch.sequence += 1;
  const value: Decision = {
    cluster: context.cluster,
    observedAt: context.nowMs,
    epoch: { ...epoch },
    leaseMs: policy.leaseMs,
    policyVersion: policy.version,
    ...setpoint,
  };
  const topic = context.control.mode === "live" ? "carm.decisions" : "carm.decisions.shadow";
  context.outputs.push({ topic, value } as StepOutput);
}

/** The nearest clock that the device has and the policy allows. */
export function allowedClockMhz(context: Context, profile: Profile, smClockMhz: number): number {
  const allowed = supportedSmClocksMhz(profile.gpu, policyInForce(context));
  return allowed.reduce((best, clock) =>
    Math.abs(clock - smClockMhz) < Math.abs(best - smClockMhz) ? clock : best,
  );
}

/** Without word from the processor what runs gets the hardware's clocks; a capped cluster keeps its ceiling. */
export function runningLeaseEnd(context: Context): LeaseEnd {
  return declaration(context)?.powerCapWatts == null ? "default" : "hold";
}

/** Asserts that a clock is one the device has and the policy allows. */
export function assertClock(context: Context, profile: Profile, smClockMhz: number): void {
  const policy = policyInForce(context);
  const allowed = supportedSmClocksMhz(profile.gpu, {
    minSmClockMhz: policy.minSmClockMhz,
    maxSmClockMhz: policy.maxSmClockMhz,
  });
  assert(
    allowed.includes(smClockMhz),
    `${smClockMhz} MHz is no clock of ${profile.gpu.model} within the policy's limits`,
  );
}

/** A reason with nothing but its code. */
export function plainReason(planner: string, code: string): Reason {
  return {
    planner,
    code,
    gco2PerKwh: null,
    forecastGco2PerKwh: null,
    expectedPowerWatts: null,
    expectedGrams: null,
    expectedLatencyMs: null,
    expectedFinishAt: null,
  };
}
