import type { Actuation } from "../../records/index.ts";
import { type Context, requestPlan } from "../context.ts";
import { isAlive, publishJob } from "../jobs.ts";
import { agentKind, jobKind } from "../state-kinds.ts";

/**
 * What agents say of decisions. What failed or was left undone is counted; the agents themselves try again. A record
 * that is not newer than the last one of its agent is a duplicate.
 */
export function takeActuation(context: Context, record: Actuation): void {
  const { control, state, cluster } = context;
  const last = state.get(agentKind, cluster, record.agent)?.sequence ?? 0;
  if (record.sequence > 0 && record.sequence <= last) {
    control.duplicates += 1;
    return;
  }
  state.put(agentKind, cluster, record.agent, { sequence: record.sequence });
  if (record.result === "failed") control.failedActuations += 1;
  if (record.result === "overridden") control.overriddenActuations += 1;
  // Only a scheduler's agent reads back workers. Boards in somebody else's hands are told by telemetry.
  if (record.target.kind === "job" && record.workers !== null) takeJobActuation(context, record);
}

/** A job in somebody else's hands stays his until its agent says that a decision about it holds again. */
function takeJobActuation(context: Context, { target, result, detail }: Actuation): void {
  const job = context.state.get(jobKind, context.cluster, target.id);
  if (job === undefined || !isAlive(job) || result === "stale") return;
  if (result === "failed") {
    if (job.why === detail) return;
    job.why = detail;
  } else {
    const overridden = result === "overridden";
    if (overridden === job.overridden) return;
    job.overridden = overridden;
    job.why = overridden ? detail : "given back by somebody else, planned again";
    requestPlan(context, overridden ? "overridden" : "reclaimed");
  }
  context.state.put(jobKind, context.cluster, target.id, job);
  publishJob(context, target.id, job);
}
