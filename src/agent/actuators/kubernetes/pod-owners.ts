import { CoreV1Api, type KubeConfig, type V1Pod } from "@kubernetes/client-node";
import type { Clock } from "../../clock.ts";
import type { Owner } from "../nvidia/tenants.ts";
import { annotations } from "./annotations.ts";
import { asked } from "./kube-errors.ts";

/** For how long a list of pods is used, ms. */
const LIST_AGE_MAX_MS = 5_000;

/** Finds the job or the service of a pod on this node, by the pod's uid. Lists the node's pods alone. */
export function podOwners(
  config: KubeConfig,
  node: string,
  clock: Clock,
): (podUid: string) => Promise<Owner | null> {
  const api = config.makeApiClient(CoreV1Api);
  let owners: ReadonlyMap<string, Owner | null> = new Map();
  let listedAtMs = Number.NEGATIVE_INFINITY;
  return async (podUid) => {
    if (!owners.has(podUid) && clock.monotonicMs() - listedAtMs > LIST_AGE_MAX_MS) {
      const request = { fieldSelector: `spec.nodeName=${node}` };
      const { items } = await asked("Listing pods", () => api.listPodForAllNamespaces(request));
      owners = new Map(items.map((pod) => [pod.metadata?.uid ?? "", ownerOf(pod)]));
      listedAtMs = clock.monotonicMs();
    }
    return owners.get(podUid) ?? null;
  };
}

export function ownerOf({ metadata }: V1Pod): Owner | null {
  const service = metadata?.annotations?.[annotations.service] ?? metadata?.labels?.[annotations.service];
  if (service !== undefined) return { kind: "service", id: service };
  const job = metadata?.labels?.["batch.kubernetes.io/job-name"] ?? metadata?.labels?.["job-name"];
  return job === undefined ? null : { kind: "job", id: `${metadata?.namespace}/${job}` };
}
