import type { V1Job } from "@kubernetes/client-node";
import type { JobSpec } from "../../../records/index.ts";
import type { ObservedWorkload } from "../actuator.ts";
import { type JobFacts, jobSpecOf } from "../common/job-wishes.ts";
import { annotations, wishesOf } from "./annotations.ts";
import { isElasticInKueue, type JobShape, type Manager, managerOf, mostPods, shapeOf } from "./job-shape.ts";

/** A Job that CA-RM knows: as it is planned, and as it is in Kubernetes. */
export interface KubernetesJob {
  /** `namespace/name`: the id under which it is planned. */
  readonly id: string;
  readonly object: V1Job;
  readonly spec: JobSpec;
  readonly shape: JobShape;
  readonly manager: Manager;
}

/** null for a Job that is none of this cluster's. Throws ERR_OPTION_INVALID for annotations that can't be used. */
export function knownJob(object: V1Job, cluster: string, defaultPool: string): KubernetesJob | null {
  const wishes = wishesOf(object.metadata?.annotations);
  const manager = managerOf(object);
  if (wishes === null || manager === "other") return null;
  if (wishes.cluster !== undefined && wishes.cluster !== cluster) return null;
  const id = `${object.metadata?.namespace}/${object.metadata?.name}`;
  const shape = shapeOf(object);
  const most = mostPods(shape);
  const facts: JobFacts = {
    system: "kubernetes",
    ref: id,
    // A watch leaves times as text.
    submittedAt: new Date(object.metadata?.creationTimestamp ?? 0).getTime(),
    requestedWorkers: requestedPods(object, shape) * shape.gpusPerPod,
    mostWorkers: most === null ? null : most * shape.gpusPerPod,
    // Plans count single GPUs; a Job of pods with several keeps its width.
    canResize: shape.gpusPerPod === 1 && (manager !== "kueue" || isElasticInKueue(object)),
    canPause: manager !== "kueue",
    priority: object.spec?.template.spec?.priority ?? 0,
    defaultPool,
  };
  return { id, object, spec: jobSpecOf(wishes, facts), shape, manager };
}

function requestedPods(object: V1Job, shape: JobShape): number {
  const noted = Number(object.metadata?.annotations?.[annotations.requestedPods]);
  return Number.isInteger(noted) && noted > 0 ? noted : Math.max(1, shape.parallelism);
}

/** The Job as the scheduler agent sees it. `hasRun`: it was seen running before. */
export function observedJob({ id, object, spec, shape }: KubernetesJob, hasRun: boolean): ObservedWorkload {
  const { phase, detail } = phaseOf(object, hasRun);
  // The width that was set, not the pods that happen to be ready: a pod that is replaced is nobody's resize.
  const workers = phase === "running" ? shape.parallelism * shape.gpusPerPod : 0;
  const progress = phase === "waiting" ? null : { samplesDone: samplesDone(object, spec, shape), workers };
  return { id, phase, job: spec, service: null, progress, detail };
}

function phaseOf(object: V1Job, hasRun: boolean): Pick<ObservedWorkload, "phase" | "detail"> {
  const { status, metadata, spec } = object;
  const condition = (type: string) =>
    status?.conditions?.find((one) => one.type === type && one.status === "True");
  if (condition("Complete") ?? condition("SuccessCriteriaMet")) return { phase: "finished", detail: "" };
  const failed = condition("Failed") ?? condition("FailureTarget");
  if (failed !== undefined) {
    return { phase: "failed", detail: [failed.reason, failed.message].filter(Boolean).join(": ") };
  }
  if (metadata?.deletionTimestamp !== undefined)
    return { phase: "cancelled", detail: "The Job was deleted." };
  if (spec?.suspend === true) return { phase: hasRun ? "paused" : "waiting", detail: "" };
  if ((status?.ready ?? 0) > 0) return { phase: "running", detail: "" };
  // Kubernetes has yet to find room for its pods, at the start or after a node was drained.
  return { phase: "waiting", detail: "None of its pods is ready." };
}

/** As the workload reports it; for a Job of many completions, their share. */
function samplesDone(
  object: V1Job,
  spec: JobSpec,
  { completions, succeeded, elasticIndexed }: JobShape,
): number {
  const reported = Number(object.metadata?.annotations?.[annotations.samplesDone]);
  if (Number.isFinite(reported) && reported >= 0) return reported;
  if (spec.samples === null) return 0;
  const isOver = object.status?.conditions?.some(
    ({ type, status }) => type === "Complete" && status === "True",
  );
  if (isOver) return spec.samples;
  return completions === null || elasticIndexed ? 0 : (spec.samples * succeeded) / completions;
}
