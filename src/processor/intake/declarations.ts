import type { Cluster, Policy, Profile } from "../../records/index.ts";
import { type Context, policyInForce, requestPlan } from "../context.ts";
import { profileId } from "../lookups.ts";
import { clusterKind, policyKind, profileKind } from "../state-kinds.ts";

export function takeCluster(context: Context, cluster: Cluster): void {
  context.state.put(clusterKind, context.cluster, "", cluster);
  requestPlan(context, "cluster");
}

/** A policy with a version at or below the one in force is old news. */
export function takePolicy(context: Context, policy: Policy): void {
  if (policy.version <= policyInForce(context).version) {
    context.control.duplicates += 1;
    return;
  }
  context.state.put(policyKind, context.cluster, "", policy);
  requestPlan(context, "policy");
}

export function takeProfile(context: Context, profile: Profile): void {
  context.state.put(profileKind, context.cluster, profileId(profile.gpu.model, profile.model), profile);
  requestPlan(context, "profile");
}
