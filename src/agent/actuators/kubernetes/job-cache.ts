import { type BatchV1Api, type KubeConfig, ListWatch, type V1Job, Watch } from "@kubernetes/client-node";
import { kubeError } from "./kube-errors.ts";

/** All Jobs of the cluster, kept current by a watch. */
export interface JobCache {
  /** Lists first if there is no watch. Throws what the API server answered, or that it does not. */
  jobs(): Promise<readonly V1Job[]>;
  /** A Job as a change of ours returned it: shown until the watch has caught up. */
  changed(job: V1Job): void;
  close(): Promise<void>;
}

const PATH = "/apis/batch/v1/jobs";
const WHAT = "Watching Jobs";

/** `onChange` is called when a Job changed: time for the next pass. */
export function watchJobs(config: KubeConfig, api: BatchV1Api, onChange: () => void = () => {}): JobCache {
  return new WatchedJobs(config, api, onChange);
}

class WatchedJobs implements JobCache {
  readonly #config: KubeConfig;
  readonly #api: BatchV1Api;
  readonly #onChange: () => void;
  readonly #ours = new Map<string, V1Job>();
  #watch: ListWatch<V1Job> | null = null;
  #failure: unknown = null;

  constructor(config: KubeConfig, api: BatchV1Api, onChange: () => void) {
    this.#config = config;
    this.#api = api;
    this.#onChange = onChange;
  }

  async jobs(): Promise<readonly V1Job[]> {
    const watch = this.#watch ?? (await this.#start());
    return watch.list().map((job) => this.#newer(job));
  }

  changed(job: V1Job): void {
    this.#ours.set(job.metadata?.uid ?? "", job);
  }

  async close(): Promise<void> {
    await this.#watch?.stop();
    this.#watch = null;
  }

  async #start(): Promise<ListWatch<V1Job>> {
    const list = () => this.#api.listJobForAllNamespaces();
    const watch = new ListWatch<V1Job>(PATH, new Watch(this.#config), list, false);
    this.#failure = null;
    // The watch ends with its first error: the next pass lists again, so that a broken connection is never trusted.
    watch.on("error", (error) => {
      this.#failure = error;
      if (this.#watch === watch) this.#watch = null;
      this.#onChange();
    });
    watch.on("change", this.#onChange);
    watch.on("delete", this.#onChange);
    await watch.start();
    if (this.#failure !== null) throw kubeError(WHAT, this.#failure);
    this.#watch = watch;
    return watch;
  }

  #newer(job: V1Job): V1Job {
    const uid = job.metadata?.uid ?? "";
    const ours = this.#ours.get(uid);
    if (ours === undefined) return job;
    if (version(job) < version(ours)) return ours;
    this.#ours.delete(uid);
    return job;
  }
}

/**
 * Versions of one object rise. They are opaque to clients by contract, but comparable since Kubernetes 1.35, and have
 * been numbers of etcd always.
 */
function version({ metadata }: V1Job): bigint {
  const text = metadata?.resourceVersion ?? "";
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}
