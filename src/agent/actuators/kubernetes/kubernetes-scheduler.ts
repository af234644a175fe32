import { BatchV1Api, type KubeConfig, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { CarmError } from "../../../records/index.ts";
import type { ObservedWorkload, SchedulerActuator } from "../actuator.ts";
import { annotations } from "./annotations.ts";
import { type JobCache, watchJobs } from "./job-cache.ts";
import { asked } from "./kube-errors.ts";
import { type KubernetesJob, knownJob, observedJob } from "./observed-job.ts";

export interface KubernetesSchedulerOptions {
  readonly config: KubeConfig;
  readonly cluster: string;
  /** Pool of Jobs that name none; `training` unless given. */
  readonly defaultPool?: string;
  /** Called when a Job changed: time for the next pass. */
  readonly onChange?: () => void;
}

export interface KubernetesScheduler extends SchedulerActuator {
  close(): Promise<void>;
}

const FIELD_MANAGER = "carm-scheduler";

/**
 * Jobs with annotations `carm.dev/…` through the API server. A waiting or paused Job is suspended; its width is its
 * parallelism. Jobs of Kueue are started and stopped by Kueue alone; Jobs that another controller owns are left alone.
 */
export function createKubernetesScheduler(options: KubernetesSchedulerOptions): KubernetesScheduler {
  return new JobScheduler(options);
}

class JobScheduler implements KubernetesScheduler {
  readonly #cluster: string;
  readonly #defaultPool: string;
  readonly #api: BatchV1Api;
  readonly #cache: JobCache;
  /** Jobs of the last look, by id. */
  #known = new Map<string, KubernetesJob>();
  /** Uids of Jobs that were seen running, for those that others started. */
  readonly #ran = new Set<string>();

  constructor({ config, cluster, defaultPool = "training", onChange }: KubernetesSchedulerOptions) {
    this.#cluster = cluster;
    this.#defaultPool = defaultPool;
    this.#api = config.makeApiClient(BatchV1Api);
    this.#cache = watchJobs(config, this.#api, onChange);
  }

  async observe(): Promise<readonly ObservedWorkload[]> {
    const known = new Map<string, KubernetesJob>();
    const refused: { readonly namespace: string; readonly name: string; readonly text: string }[] = [];
    for (const object of await this.#cache.jobs()) {
      try {
        const job = knownJob(object, this.#cluster, this.#defaultPool);
        if (job !== null) known.set(job.id, job);
      } catch (error) {
        if (!(error instanceof CarmError) || error.code !== "ERR_OPTION_INVALID") throw error;
        const { namespace = "", name = "", annotations: said } = object.metadata ?? {};
        const text = `Not managed by CA-RM: ${error.message}`;
        if (said?.[annotations.status] !== text) refused.push({ namespace, name, text });
      }
    }
    this.#known = known;
    for (const { namespace, name, text } of refused) await this.#annotate(namespace, name, text);
    return [...known.values()].map((job) => this.#observed(job));
  }

  async run(id: string, workers: number): Promise<void> {
    const { object, spec, shape, manager } = this.#job(id);
    const pods = workers / shape.gpusPerPod;
    if (!Number.isInteger(pods) || pods < 1) {
      throw refusal(`${id} runs in steps of ${shape.gpusPerPod} GPUs, not on ${workers}.`);
    }
    const isStart = object.spec?.suspend === true;
    if (workers < spec.minWorkers || workers > spec.maxWorkers) {
      throw refusal(`${id} runs on ${spec.minWorkers} to ${spec.maxWorkers} workers, not on ${workers}.`);
    }
    if (isStart && manager === "kueue") {
      const message = `${id} is in a queue of Kueue, which starts it when there is quota; it is not unsuspended behind Kueue.`;
      throw new CarmError("ERR_ACTUATOR_UNSUPPORTED", message);
    }
    const isResize = pods !== shape.parallelism;
    if (!isStart && !isResize) return;
    if (isResize && !spec.resizable) throw refusal(`${id} may not be resized.`);
    const completions = isResize && shape.elasticIndexed ? { completions: pods } : {};
    const startedAt = isStart ? { [annotations.startedAt]: new Date().toISOString() } : {};
    const requested = String(spec.requestedWorkers / shape.gpusPerPod);
    await this.#patch(id, {
      metadata: { annotations: { [annotations.requestedPods]: requested, ...startedAt } },
      spec: { suspend: false, parallelism: pods, ...completions },
    });
  }

  async pause(id: string): Promise<void> {
    const { object, spec } = this.#job(id);
    if (object.spec?.suspend === true) return;
    if (!spec.pausable) throw refusal(`${id} may not be paused.`);
    // It has run, whoever started it.
    const startedAt = object.metadata?.annotations?.[annotations.startedAt] ?? new Date().toISOString();
    await this.#patch(id, {
      metadata: { annotations: { [annotations.startedAt]: startedAt } },
      spec: { suspend: true },
    });
  }

  async note(id: string, text: string): Promise<void> {
    const { object } = this.#job(id);
    if (object.metadata?.annotations?.[annotations.status] === text) return;
    await this.#patch(id, { metadata: { annotations: { [annotations.status]: text } } });
  }

  async close(): Promise<void> {
    await this.#cache.close();
  }

  #observed(job: KubernetesJob): ObservedWorkload {
    const { uid = "", annotations: said } = job.object.metadata ?? {};
    const observed = observedJob(job, this.#ran.has(uid) || said?.[annotations.startedAt] !== undefined);
    if (observed.phase === "running") this.#ran.add(uid);
    return observed;
  }

  #job(id: string): KubernetesJob {
    const job = this.#known.get(id);
    if (job === undefined) throw refusal(`There is no Job ${id} with annotations of CA-RM.`);
    return job;
  }

  /** Fails if the Job was deleted and made anew under its name: that one may allow less. */
  async #patch(id: string, changes: { readonly metadata: object; readonly spec?: object }): Promise<void> {
    const { uid = "", namespace = "", name = "" } = this.#job(id).object.metadata ?? {};
    const body = { ...changes, metadata: { ...changes.metadata, uid } };
    this.#cache.changed(await this.#send(`Changing Job ${id}`, namespace, name, body));
  }

  async #annotate(namespace: string, name: string, text: string): Promise<void> {
    const body = { metadata: { annotations: { [annotations.status]: text } } };
    this.#cache.changed(await this.#send(`Annotating Job ${namespace}/${name}`, namespace, name, body));
  }

  #send(what: string, namespace: string, name: string, body: object) {
    const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
    const request = { namespace, name, body, fieldManager: FIELD_MANAGER };
    return asked(what, () => this.#api.patchNamespacedJob(request, merge));
  }
}

function refusal(message: string): CarmError {
  return new CarmError("ERR_ACTUATOR_FAILED", message);
}
