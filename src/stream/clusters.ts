import { ownKind } from "./own-kind.ts";
import type { TaskState } from "./task-state.ts";

/** What the runtime itself remembers of a cluster on a partition. */
interface KnownCluster {
  /** Append time of the record whose step failed; null while all is well. */
  readonly quarantinedAt: number | null;
}

export const clusterKind = ownKind<KnownCluster>("$cluster", 1);

const healthy: KnownCluster = { quarantinedAt: null };

/** The clusters seen on one partition, and which of them are quarantined. Part of the task's state. */
export class Clusters {
  readonly #state: TaskState;
  readonly #limit: number;

  constructor(state: TaskState, limit: number) {
    this.#state = state;
    this.#limit = limit;
  }

  /** By rising name. */
  names(): string[] {
    return this.#state.range(clusterKind, "").map(([name]) => name);
  }

  /** Remembers a cluster. False if there are too many already. */
  admit(cluster: string): boolean {
    if (this.#state.get(clusterKind, "", cluster) !== undefined) return true;
    if (this.#state.range(clusterKind, "").length >= this.#limit) return false;
    this.#state.put(clusterKind, "", cluster, healthy);
    return true;
  }

  isQuarantined(cluster: string): boolean {
    return (this.#state.get(clusterKind, "", cluster)?.quarantinedAt ?? null) !== null;
  }

  quarantine(cluster: string, quarantinedAt: number): void {
    this.#state.put(clusterKind, "", cluster, { quarantinedAt });
  }

  release(cluster: string): void {
    this.#state.put(clusterKind, "", cluster, healthy);
  }
}
