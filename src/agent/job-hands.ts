import type { ObservedWorkload } from "./actuators/actuator.ts";
import { runningWorkers } from "./job-tracker.ts";

/**
 * Tells the agent's own hand on jobs from somebody else's: workers that a job has and the agent did not give it are
 * another's. What never was the agent's is not: it is how the job was found.
 */
export class JobHands {
  /** Workers that may be the agent's own doing, by job, 0 for paused: two while a change was asked for and not yet seen. */
  readonly #own: Map<string, readonly number[]>;
  readonly #yielded = new Set<string>();
  readonly #reclaimed = new Set<string>();

  constructor(widths: ReadonlyMap<string, readonly number[]>) {
    this.#own = new Map(widths);
  }

  /** What must outlast a restart. */
  get widths(): ReadonlyMap<string, readonly number[]> {
    return this.#own;
  }

  /** True if the job is left to somebody else. `asDecided`: it is as it was told to be, whoever did it. */
  isForeign(workload: ObservedWorkload, asDecided: boolean): boolean {
    const { id, phase } = workload;
    if (this.#yielded.has(id)) return true;
    const own = this.#own.get(id);
    // Back in the queue is its scheduler's doing, not a hand's.
    if (own === undefined || asDecided || phase === "waiting" || this.#reclaimed.has(id)) return false;
    if (own.includes(runningWorkers(workload))) return false;
    this.#yielded.add(id);
    return true;
  }

  /** What it has now is the agent's doing. True if it was taken back from somebody else since it last was. */
  own(workload: ObservedWorkload): boolean {
    if (workload.phase !== "waiting") this.#set(workload.id, [runningWorkers(workload)]);
    return this.#reclaimed.delete(workload.id);
  }

  /** Before it is asked for: from here on both may be found. */
  intend(workload: ObservedWorkload, workers: number): void {
    this.#set(workload.id, [runningWorkers(workload), workers]);
  }

  /** It is given back to its user: whatever it has from now on is not the agent's. */
  release(workload: ObservedWorkload): void {
    this.#own.delete(workload.id);
  }

  /** Takes the jobs back that were left to somebody else. */
  reclaim(): void {
    for (const id of this.#yielded) this.#reclaimed.add(id);
    this.#yielded.clear();
  }

  /** Forgets jobs that are no longer there. */
  keepOnly(jobs: ReadonlySet<string>): void {
    for (const known of [this.#own, this.#yielded, this.#reclaimed]) {
      for (const id of known.keys()) if (!jobs.has(id)) known.delete(id);
    }
  }

  #set(id: string, own: readonly number[]): void {
    const known = this.#own.get(id);
    if (known?.length === own.length && own.every((workers, i) => known[i] === workers)) return;
    this.#own.set(id, own);
  }
}
