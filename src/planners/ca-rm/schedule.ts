import { placeCheapest, placeEarliest } from "./place.ts";
import { placeAsItIs, placeSteady } from "./place-steady.ts";
import { costIn, type Prices, roomFor } from "./room.ts";
import type { Task } from "./task.ts";
import type { Placement, Usage } from "./usage.ts";

/** Prices of every pool. */
export type Pricing = (pool: string) => Prices;

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

  /** Places a task where it is cheapest, or as early as may be if that is what its deadline takes. */
  place(task: Task, pricing: Pricing): void {
    this.#take(task);
    const cheapest = placeCheapest(task, this.usage, pricing(task.job.pool), task.dueAt);
    this.#put(task, cheapest?.placement ?? this.#earliest(task));
  }

  /** Runs a task without a deadline wherever there is room. */
  placeSteady(task: Task): void {
    this.#take(task);
    this.#put(task, placeSteady(task, this.usage, false));
  }

  /** Places a task to finish as early as it can. */
  placeEarliest(task: Task): void {
    this.#take(task);
    this.#put(task, this.#earliest(task));
  }

  /** Looks for a cheaper place, given all other tasks. True if there was one. */
  improve(task: Task, pricing: Pricing): boolean {
    const old = this.#placements.get(task)!;
    this.usage.remove(task.job.pool, old);
    const prices = pricing(task.job.pool);
    const found = placeCheapest(task, this.usage, prices, task.dueAt);
    const room = roomFor(task, this.usage, prices, Number.POSITIVE_INFINITY);
    const better = found !== null && (old.finishAt > task.dueAt || found.cost < costIn(room, old));
    const chosen = better ? found.placement : old;
    this.usage.add(task.job.pool, chosen);
    this.#placements.set(task, chosen);
    return chosen !== old;
  }

  #earliest(task: Task): Placement {
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
}
