import { placeCheapest, placeEarliest } from "./place.ts";
import { placeAsItIs, placeSteady } from "./place-steady.ts";
import type { Task } from "./task.ts";
import type { Placement, Usage } from "./usage.ts";

/** Shadow prices by pool, and by what share they count. */
export interface Pricing {
  readonly gpu: ReadonlyMap<string, Float64Array>;
  readonly weight: number;
}

/** Tasks with their places, and what all of them use together. */
export class Schedule {
  readonly usage: Usage;
  readonly #placements = new Map<Task, Placement>();

  constructor(base: Usage) {
    this.usage = base.clone();
  }

  placementOf(task: Task): Placement | undefined {
    return this.#placements.get(task);
  }

  /** Tasks that could meet their deadline alone, but do not here. */
  late(): Task[] {
    return [...this.#placements].flatMap(([task, { finishAt }]) =>
      finishAt > task.deadlineAt && !task.hopeless ? [task] : [],
    );
  }

  /** Grams of the whole cluster, idle power and services included. */
  grams(): number {
    const { horizon, watts } = this.usage;
    let grams = 0;
    for (let t = 0; t < horizon.slots; t++) {
      const net = Math.max(0, watts[t]! - horizon.onSiteWatts[t]!);
      const priced = horizon.gramsPerWattHour[t]! * net + horizon.freeGramsPerWattHour * watts[t]!;
      grams += horizon.hours[t]! * priced;
    }
    return grams;
  }

  /** Holds the place of a task that has to run, until it is placed. */
  hold(task: Task): void {
    if (task.runningOption >= 0) this.#put(task, placeAsItIs(task, this.usage));
  }

  /**
   * Places a task where it is cheapest; as early as may be if that is what its deadline takes; and if it has none, from
   * now on wherever there is room.
   */
  place(task: Task, pricing: Pricing): void {
    this.#take(task);
    const cheapest = task.job.deadlineAt === null ? null : this.#cheapest(task, pricing);
    this.#put(task, cheapest ?? this.#fallback(task));
  }

  /** Places a task to finish as early as it can. */
  placeEarliest(task: Task): void {
    this.#take(task);
    this.#put(task, placeEarliest(task, this.usage) ?? placeSteady(task, this.usage, true));
  }

  /** Looks for a cheaper place, given all other tasks. True if there was one. */
  improve(task: Task, pricing: Pricing): boolean {
    const old = this.#placements.get(task)!;
    this.usage.remove(task.job.pool, old);
    const found = this.#cheapest(task, pricing);
    const better = found !== null && this.#cost(task, found, pricing) < this.#cost(task, old, pricing);
    const chosen = better || (found !== null && old.finishAt > task.dueAt) ? found : old;
    this.usage.add(task.job.pool, chosen);
    this.#placements.set(task, chosen);
    return chosen !== old;
  }

  #cheapest(task: Task, pricing: Pricing): Placement | null {
    const prices = pricing.gpu.get(task.job.pool)!.map((price) => price * pricing.weight);
    return placeCheapest(task, this.usage, prices, task.dueAt);
  }

  #fallback(task: Task): Placement {
    if (task.job.deadlineAt === null) return placeSteady(task, this.usage, false);
    return placeEarliest(task, this.usage) ?? placeSteady(task, this.usage, true);
  }

  #take(task: Task): void {
    const held = this.#placements.get(task);
    if (held !== undefined) this.usage.remove(task.job.pool, held);
  }

  #put(task: Task, placement: Placement): void {
    this.usage.add(task.job.pool, placement);
    this.#placements.set(task, placement);
  }

  #cost(task: Task, placement: Placement, pricing: Pricing): number {
    const prices = pricing.gpu.get(task.job.pool)!;
    const { hours } = this.usage.horizon;
    let cost = this.usage.gramsOf(placement);
    placement.workers.forEach((workers, t) => {
      cost += pricing.weight * workers * prices[t]! * hours[t]!;
    });
    return cost;
  }
}
