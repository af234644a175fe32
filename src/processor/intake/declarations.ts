import { CarmError, type Cluster, type Policy, type Profile } from "../../records/index.ts";
import { type Context, policyInForce } from "../context.ts";
import { profileId } from "../lookups.ts";
import { contentHash } from "../planning.ts";
import { voidPlan } from "../plans.ts";
import { clusterKind, policyKind, profileKind } from "../state-kinds.ts";

/** A declaration that says what is known already is a duplicate. */
export function takeCluster(context: Context, cluster: Cluster): void {
  if (isKnown(context, context.state.get(clusterKind, context.cluster, ""), cluster)) return;
  context.state.put(clusterKind, context.cluster, "", cluster);
  voidPlan(context, "cluster");
}

/** A policy with a version at or below the one in force is old news. */
export function takePolicy(context: Context, policy: Policy): void {
  if (policy.version <= policyInForce(context).version) {
    context.control.duplicates += 1;
    return;
  }
  checkPlanner(context, policy.planner);
  context.state.put(policyKind, context.cluster, "", policy);
  voidPlan(context, "policy");
}

export function takeProfile(context: Context, profile: Profile): void {
  const id = profileId(profile.gpu.model, profile.model);
  if (isKnown(context, context.state.get(profileKind, context.cluster, id), profile)) return;
  context.state.put(profileKind, context.cluster, id, profile);
  voidPlan(context, "profile");
}

function checkPlanner(context: Context, name: string): void {
  try {
    context.findPlanner(name);
  } catch (cause) {
    throw new CarmError("ERR_RECORD_INVALID", (cause as Error).message, { cause });
  }
}

function isKnown<T extends { observedAt: number }>(
  context: Context,
  known: T | undefined,
  declared: T,
): boolean {
  const same =
    known !== undefined &&
    contentHash({ ...known, observedAt: 0 }) === contentHash({ ...declared, observedAt: 0 });
  if (same) context.control.duplicates += 1;
  return same;
}
