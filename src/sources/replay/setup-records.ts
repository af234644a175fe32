import type { Cluster, Policy, Profile } from "../../records/index.ts";
import type { DueRecord } from "./due-record.ts";

export type SetupRecord =
  | DueRecord<"carm.clusters">
  | DueRecord<"carm.policies">
  | DueRecord<"carm.profiles">;

/** What a cluster must know before anything else: itself, its policy and its profiles, all due at `dueAt`. */
export function setupRecords(
  dueAt: number,
  cluster: Cluster,
  policy: Policy,
  profiles: readonly Profile[],
): SetupRecord[] {
  return [
    { dueAt, topic: "carm.clusters", record: cluster },
    { dueAt, topic: "carm.policies", record: policy },
    ...profiles.map((record): SetupRecord => ({ dueAt, topic: "carm.profiles", record })),
  ];
}
