import type { V1Job, V1PodSpec } from "@kubernetes/client-node";

/** How a Job's pods make up workers. A worker is one GPU. */
export interface JobShape {
  readonly gpusPerPod: number;
  readonly parallelism: number;
  /** null for a work queue: pods end when the work does. */
  readonly completions: number | null;
  readonly succeeded: number;
  /** True where completions must change together with parallelism. */
  readonly elasticIndexed: boolean;
}

export function shapeOf(job: V1Job): JobShape {
  const spec = job.spec;
  const parallelism = spec?.parallelism ?? 1;
  const completions = spec?.completions ?? null;
  const elasticIndexed = spec?.completionMode === "Indexed" && completions === parallelism;
  const succeeded = job.status?.succeeded ?? 0;
  return { gpusPerPod: gpusOf(spec?.template.spec), parallelism, completions, succeeded, elasticIndexed };
}

/** GPUs a pod asks for, MIG slices counted as one each; a pod that asks for none counts as one worker. */
function gpusOf(pod: V1PodSpec | undefined): number {
  let gpus = 0;
  for (const { resources } of pod?.containers ?? []) {
    for (const [name, amount] of Object.entries(resources?.limits ?? {})) {
      if (name === "nvidia.com/gpu" || name.startsWith("nvidia.com/mig-")) gpus += Number(amount) || 0;
    }
  }
  return Math.max(1, gpus);
}

/** Most pods that can run at once; null without a bound. */
export function mostPods({ completions, elasticIndexed }: JobShape): number | null {
  return elasticIndexed ? null : completions;
}

/** Who else decides about this Job. */
export type Manager = "kueue" | "other" | null;

const KUEUE_QUEUE = "kueue.x-k8s.io/queue-name";
const KUEUE_ELASTIC = "kueue.x-k8s.io/elastic-job";

/** Kueue suspends and unsuspends the Jobs of its queues; owners other than a CronJob steer their Jobs themselves. */
export function managerOf(job: V1Job): Manager {
  const owner = job.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner !== undefined && owner.kind !== "CronJob") return "other";
  if (job.spec?.managedBy !== undefined && job.spec.managedBy !== "kubernetes.io/job-controller")
    return "other";
  const { labels, annotations } = job.metadata ?? {};
  return labels?.[KUEUE_QUEUE] !== undefined || annotations?.[KUEUE_QUEUE] !== undefined ? "kueue" : null;
}

/** Kueue lets the width of a running Job change only where it was told so. */
export function isElasticInKueue(job: V1Job): boolean {
  return job.metadata?.annotations?.[KUEUE_ELASTIC] === "true";
}
