import { type LatencyGuardState, latencyGuard, restingLatencyGuard, tailFactor } from "../planners/index.ts";
import { latencyQuantileMs, servingPowerWatts, supportedSmClocksMhz } from "../profiles/index.ts";
import type { Plan, Profile, RequestRate } from "../records/index.ts";
import { type Context, policyInForce, requestPlan } from "./context.ts";
import { allowedClockMhz, assertClock, decide, plainReason, runningLeaseEnd } from "./decisions.ts";
import { arrivalsForecast, expectedIntensity, valueAt } from "./forecasts.ts";
import { limits } from "./limits.ts";
import { profileOf } from "./lookups.ts";
import type { ServiceRecord } from "./state.generated.ts";
import { serviceKind } from "./state-kinds.ts";

/** The guard looks this far ahead, in steps of a minute. */
const GUARD_STEPS = 2;
const GUARD_STEP_MS = 60_000;
/** Quantile of the forecast arrivals that the guard follows: what is beyond it is in the measured tail. */
const GUARD_LEVEL = 0.5;

/** Takes over the plan's clocks for one slot; between plans the guard may ask for more. */
export function decideServices(context: Context, plan: Plan, slot: number): void {
  for (const [id, service] of context.state.range(serviceKind, context.cluster)) {
    const planned = plan.services.find((entry) => entry.service === id)?.smClockMhz[slot];
    service.plannedSmClockMhz = planned ?? null;
    if (isSilent(context, service))
      settle(context, id, service, topClock(context, service), "telemetry-silent", "");
    else if (planned === undefined) {
      settle(context, id, service, topClock(context, service), "no-arrivals-known", plan.hash);
    } else settle(context, id, service, guardedClock(context, service, planned), "plan", plan.hash);
  }
}

/** Follows a measured window, for planners whose clocks do. */
export function guardService(
  context: Context,
  id: string,
  service: ServiceRecord,
  window: RequestRate,
): void {
  const policy = policyInForce(context);
  const profile = profileOf(context, service.spec.pool, service.spec.model);
  const planned = service.plannedSmClockMhz;
  // The last plan was made before anything was known of its arrivals.
  if (planned === null) requestPlan(context, "arrivals-known");
  if (profile === undefined || planned === null || !context.findPlanner(policy.planner).guardsLatency) return;
  const guard = latencyGuard({
    nowMs: context.nowMs,
    profile,
    latencyQuantile: service.spec.latencyQuantile,
    latencyTargetMs: service.spec.latencyTargetMs,
    gpus: service.spec.gpus,
    limits: { minSmClockMhz: policy.minSmClockMhz, maxSmClockMhz: policy.maxSmClockMhz },
    plannedSmClockMhz: planned,
    forecastRequestsPerSecond: nextArrivals(context, id),
    window,
    state: guardState(service),
  });
  service.guard = JSON.stringify(guard.state);
  if (isBreached(service, window) && context.nowMs - context.control.plannedAt >= limits.breachPlanMs) {
    requestPlan(context, "latency-breach");
  }
  settle(context, id, service, guard.smClockMhz, guard.code, "");
}

/** Gives the top clock to a service that has fallen silent: nobody can tell whether its target holds. */
export function watchServices(context: Context): void {
  for (const [id, service] of context.state.range(serviceKind, context.cluster)) {
    if (!isSilent(context, service)) continue;
    settle(context, id, service, topClock(context, service), "telemetry-silent", "");
  }
}

/** The promised quantile of the window was slower than the target. */
function isBreached({ spec }: ServiceRecord, { completions, overTarget }: RequestRate): boolean {
  return overTarget > (1 - spec.latencyQuantile) * completions;
}

function isSilent(context: Context, { windows }: ServiceRecord): boolean {
  const newest = windows.at(-1);
  return newest !== undefined && context.nowMs - newest > limits.serviceSilentMs;
}

function settle(
  context: Context,
  id: string,
  service: ServiceRecord,
  wanted: number | undefined,
  code: string,
  planHash: string,
): void {
  const profile = profileOf(context, service.spec.pool, service.spec.model);
  const smClockMhz = profile && wanted && allowedClockMhz(context, profile, wanted);
  const changed = smClockMhz !== undefined && smClockMhz !== service.decidedSmClockMhz;
  if (changed && profile !== undefined && policyInForce(context).mode !== "off") {
    assertClock(context, profile, smClockMhz);
    service.decidedSmClockMhz = smClockMhz;
    decide(context, {
      target: { kind: "service", id },
      action: "run",
      workers: null,
      smClockMhz,
      onLeaseEnd: runningLeaseEnd(context),
      reason: reasonFor(context, id, service, profile, smClockMhz, code),
      planHash,
    });
  }
  context.state.put(serviceKind, context.cluster, id, service);
}

function reasonFor(
  context: Context,
  id: string,
  service: ServiceRecord,
  profile: Profile,
  smClockMhz: number,
  code: string,
) {
  const requestsPerSecondPerGpu = nextArrivals(context, id) / service.spec.gpus;
  const latencyMs = latencyQuantileMs(profile, {
    requestsPerSecondPerGpu,
    smClockMhz,
    quantile: service.spec.latencyQuantile,
  });
  return {
    ...plainReason(policyInForce(context).planner, code),
    gco2PerKwh: expectedIntensity(context, context.nowMs),
    expectedPowerWatts:
      service.spec.gpus * servingPowerWatts(profile, { requestsPerSecondPerGpu, smClockMhz }),
    expectedLatencyMs: Number.isFinite(latencyMs) ? latencyMs : null,
  };
}

/** Highest expected rate of the next minutes, requests per second of the whole service; 0 if nothing is known. */
function nextArrivals(context: Context, id: string): number {
  const forecast = arrivalsForecast(context, id, GUARD_STEP_MS, GUARD_STEPS);
  if (forecast === undefined) return 0;
  let upper = 0;
  for (let step = 0; step < GUARD_STEPS; step += 1) {
    upper = Math.max(upper, valueAt(forecast, GUARD_LEVEL, forecast.startsAt + step * forecast.stepMs));
  }
  return upper;
}

/** Where the guard follows measured windows the plan only says where it begins. */
function guardedClock(context: Context, service: ServiceRecord, plannedSmClockMhz: number): number {
  if (!context.findPlanner(policyInForce(context).planner).guardsLatency) return plannedSmClockMhz;
  return guardState(service).smClockMhz || plannedSmClockMhz;
}

/** How many times as many requests of a service are slow as its profile says, by measurement. */
export function measuredTail(service: ServiceRecord): number {
  return tailFactor(guardState(service).tail);
}

function guardState(service: ServiceRecord): LatencyGuardState {
  return service.guard === "" ? restingLatencyGuard : (JSON.parse(service.guard) as LatencyGuardState);
}

function topClock(context: Context, service: ServiceRecord): number | undefined {
  const policy = policyInForce(context);
  const profile = profileOf(context, service.spec.pool, service.spec.model);
  return profile && supportedSmClocksMhz(profile.gpu, policy).at(-1);
}
