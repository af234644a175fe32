import type { PlanningProblem } from "../planner.ts";

/** GPUs that are free for jobs, by pool and slot. Services take theirs first. */
export class GpuCapacity {
  readonly #free: ReadonlyMap<string, Int32Array>;
  readonly #slots: number;

  constructor(problem: PlanningProblem) {
    this.#slots = problem.slots.length;
    this.#free = new Map(
      problem.pools.map(({ pool, gpus }) => {
        const serving = problem.services
          .filter((service) => service.pool === pool.name)
          .reduce((sum, service) => sum + service.gpus, 0);
        return [pool.name, new Int32Array(this.#slots).fill(Math.max(0, gpus - serving))];
      }),
    );
  }

  /** True if `workers` GPUs are free in all slots from `first` up to `end`, not included. */
  fits(pool: string, first: number, end: number, workers: number): boolean {
    const free = this.#free.get(pool);
    if (free === undefined) return false;
    for (let t = first; t < end; t++) if (free[t]! < workers) return false;
    return true;
  }

  /** Takes GPUs, whether they are free or not: what runs and may not be paused stays when a GPU is lost. */
  take(pool: string, first: number, end: number, workers: number): void {
    this.#free.get(pool)?.forEach((free, t, all) => {
      if (t >= first && t < end) all[t] = free - workers;
    });
  }
}
