import { findPlanner } from "../planners/index.ts";
import { CarmError } from "../records/index.ts";
import type { Processor, State, StepOutput, StepRecord } from "../stream/processor.ts";
import { watchCapacity } from "./capacity.ts";
import { type Context, closeContext, openContext, type PlannerLookup } from "./context.ts";
import { takeActuation } from "./intake/actuations.ts";
import { takeCluster, takePolicy, takeProfile } from "./intake/declarations.ts";
import { takeGridIntensity } from "./intake/grid.ts";
import { takeJobEvent } from "./intake/job-events.ts";
import { takeRequestRate } from "./intake/requests.ts";
import { takeGpuTelemetry } from "./intake/telemetry.ts";
import { followMode, releaseAll, renewLease } from "./lease.ts";
import { closeHours } from "./ledger-hours.ts";
import { continuePlanning, followPlan, postponePlanning, startRequestedPlan } from "./plans.ts";
import { watchServices } from "./services.ts";
import { stateKinds } from "./state-kinds.ts";

/** Things that need no second's precision are looked at once a minute. */
const WATCH_INTERVAL_MS = 60_000;

/** CA-RM's step: what each record changes, when to plan, what to emit. */
export const carmProcessor = createCarmProcessor(findPlanner);

/** The same with other planners than those that ship, for evaluations. */
export function createCarmProcessor(findPlanner: PlannerLookup): Processor {
  return {
    name: "carm",
    inputs: [
      "carm.clusters",
      "carm.policies",
      "carm.profiles",
      "carm.grid-intensity",
      "carm.job-events",
      "carm.gpu-telemetry",
      "carm.request-rate",
      "carm.actuations",
      "carm.ticks",
    ],
    stateKinds,
    incarnationMark: { topic: "carm.decisions", of: ({ epoch }) => epoch.incarnation },
    step(state: State, record: StepRecord): StepOutput[] {
      const context = openContext(state, record, findPlanner);
      const { duplicates, late } = context.control;
      try {
        take(context, record);
      } catch (error) {
        if (!(error instanceof CarmError && error.code === "ERR_RECORD_INVALID")) throw error;
        return [{ refused: { reason: error.code, detail: error.message } }];
      }
      if (context.isBehind) postponePlanning(context);
      // A record that counts for nothing moves no plan on either.
      else if (context.control.duplicates === duplicates && context.control.late === late)
        continuePlanning(context);
      return closeContext(context);
    },
    onQuarantine(state, record) {
      const context = openContext(state, record, findPlanner);
      releaseAll(context);
      return closeContext(context);
    },
  };
}

function take(context: Context, record: StepRecord): void {
  switch (record.topic) {
    case "carm.clusters":
      return takeCluster(context, record.value);
    case "carm.policies":
      return takePolicy(context, record.value);
    case "carm.profiles":
      return takeProfile(context, record.value);
    case "carm.grid-intensity":
      return takeGridIntensity(context, record.value);
    case "carm.job-events":
      return takeJobEvent(context, record.value);
    case "carm.gpu-telemetry":
      return takeGpuTelemetry(context, record.value);
    case "carm.request-rate":
      return takeRequestRate(context, record.value);
    case "carm.actuations":
      return takeActuation(context, record.value);
    case "carm.ticks":
      return takeTick(context);
    default:
      return;
  }
}

/**
 * Time passes: silence is noticed, hours are closed, plans begin and are followed, leases renewed. While the task lags
 * only hours are closed: the rest decides.
 */
function takeTick(context: Context): void {
  const { control } = context;
  const watch = Math.floor(context.nowMs / WATCH_INTERVAL_MS) > Math.floor(control.nowMs / WATCH_INTERVAL_MS);
  control.nowMs = context.nowMs;
  if (context.isBehind) return closeHours(context);
  followMode(context);
  if (watch) {
    watchCapacity(context);
    watchServices(context);
  }
  closeHours(context);
  startRequestedPlan(context);
  followPlan(context);
  renewLease(context);
}
