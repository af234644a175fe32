import { CoordinationV1Api, type KubeConfig, type V1Lease, V1MicroTime } from "@kubernetes/client-node";
import type { Clock } from "../../clock.ts";
import type { Leadership } from "../../leadership.ts";
import { kubeError, statusOf } from "./kube-errors.ts";

export interface LeaseLockOptions {
  readonly config: KubeConfig;
  readonly namespace: string;
  readonly name: string;
  /** Unique among those who might hold it, for example the pod's name. */
  readonly identity: string;
  readonly clock: Clock;
  /** After so long without renewal somebody else may take it, ms; 15 s unless given. */
  readonly durationMs?: number;
}

const DURATION_MS = 15_000;

/**
 * A Lease of Kubernetes as leadership. As in client-go nobody's wall clock is trusted: another's lease counts as over
 * when it has not changed for its duration by this process's own clock, and the holder stops at two thirds of it.
 */
export function createLeaseLock(options: LeaseLockOptions): Leadership {
  return new LeaseLock(options);
}

class LeaseLock implements Leadership {
  readonly #options: LeaseLockOptions;
  readonly #api: CoordinationV1Api;
  readonly #durationMs: number;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  #renewAtMs = Number.NEGATIVE_INFINITY;
  /** The other's lease as last seen, and since when it has not changed. */
  #seen: { readonly version: string; readonly sinceMs: number } | null = null;

  constructor(options: LeaseLockOptions) {
    this.#options = options;
    this.#api = options.config.makeApiClient(CoordinationV1Api);
    this.#durationMs = options.durationMs ?? DURATION_MS;
  }

  async held(): Promise<boolean> {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs < this.#renewAtMs) return nowMs < this.#heldUntilMs;
    try {
      if (await this.#take(nowMs)) {
        this.#heldUntilMs = nowMs + (this.#durationMs * 2) / 3;
        this.#renewAtMs = nowMs + this.#durationMs / 3;
      }
    } catch (cause) {
      // While the lease lasts an API server that does not answer is no reason to stop.
      if (nowMs >= this.#heldUntilMs) throw kubeError(`Taking the lease ${this.#options.name}`, cause);
    }
    return this.#options.clock.monotonicMs() < this.#heldUntilMs;
  }

  async release(): Promise<void> {
    const { namespace, name, identity } = this.#options;
    if (this.#heldUntilMs === Number.NEGATIVE_INFINITY) return;
    this.#heldUntilMs = Number.NEGATIVE_INFINITY;
    const lease = await this.#read();
    if (lease?.spec?.holderIdentity !== identity) return;
    await this.#api.replaceNamespacedLease({
      namespace,
      name,
      body: { ...lease, spec: { ...lease.spec, holderIdentity: "" } },
    });
  }

  async #take(nowMs: number): Promise<boolean> {
    const { namespace, name, identity } = this.#options;
    const lease = await this.#read();
    const holder = lease?.spec?.holderIdentity ?? "";
    const isOurs = holder === identity;
    if (lease !== null && holder !== "" && !isOurs && !this.#isOver(lease, nowMs)) return false;
    const body = this.#renewed(lease, isOurs);
    try {
      if (lease === null) await this.#api.createNamespacedLease({ namespace, body });
      else await this.#api.replaceNamespacedLease({ namespace, name, body });
      return true;
    } catch (cause) {
      // Somebody else was quicker.
      if (statusOf(cause) === 409) return false;
      throw cause;
    }
  }

  async #read(): Promise<V1Lease | null> {
    const { namespace, name } = this.#options;
    try {
      return await this.#api.readNamespacedLease({ namespace, name });
    } catch (cause) {
      if (statusOf(cause) === 404) return null;
      throw cause;
    }
  }

  #isOver({ metadata, spec }: V1Lease, nowMs: number): boolean {
    const version = metadata?.resourceVersion ?? "";
    if (this.#seen?.version !== version) this.#seen = { version, sinceMs: nowMs };
    const durationMs = (spec?.leaseDurationSeconds ?? 0) * 1_000 || this.#durationMs;
    return nowMs - this.#seen.sinceMs >= durationMs;
  }

  #renewed(lease: V1Lease | null, isOurs: boolean): V1Lease {
    const { name, identity, clock } = this.#options;
    const now = new V1MicroTime(clock.wallMs());
    const before = lease?.spec;
    return {
      metadata: lease?.metadata ?? { name },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(this.#durationMs / 1_000),
        acquireTime: isOurs ? (before?.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: (before?.leaseTransitions ?? 0) + (isOurs || lease === null ? 0 : 1),
      },
    };
  }
}
