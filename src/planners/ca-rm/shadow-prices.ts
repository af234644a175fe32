import type { Horizon } from "./horizon.ts";
import type { Task } from "./task.ts";
import type { Usage } from "./usage.ts";

/** Rounds of price changes. More come nearer to the dual of the linear program, for less and less gain. */
const ROUNDS = 30;
/** Steps of the price of a GPU-hour in which option tables are made, watts. */
const PRICE_STEP_WATTS = 12;
/** Size of the first change of a price, in watts per GPU, for a slot asked for twice over. */
const FIRST_STEP_WATTS = 150;
const SAMPLE_PRICE_STEPS = 7;

/** What scarce room costs in each slot: the dual prices of GPUs and of on-site supply. */
export interface ShadowPrices {
  /** Grams per GPU-hour, by pool and slot. */
  readonly gpu: ReadonlyMap<string, Float64Array>;
  /** Share of the grid's intensity that power costs in each slot: 1 where on-site supply is used up, 0 where it is left over. */
  readonly power: Float64Array;
}

/** Options of one task on the hull of (rate, watts + price * workers), by rising rate. */
interface Hull {
  readonly rate: number[];
  readonly watts: number[];
  readonly workers: number[];
  /** Priced watts of one more sample per hour. */
  readonly slope: number[];
}

/**
 * Prices at which the tasks, each on its own and free to mix and to pause, just about share the room: subgradient steps
 * on the dual of the placement's linear program.
 */
export function* shadowPrices(tasks: readonly Task[], usage: Usage): Generator<undefined, ShadowPrices> {
  const { horizon } = usage;
  const gpu = new Map([...usage.freeGpus.keys()].map((pool) => [pool, new Float64Array(horizon.slots)]));
  const power = new Float64Array(horizon.slots).fill(1);
  const buyers = tasks.map((task) => new Buyer(task, horizon));
  for (let round = 0; round < ROUNDS; round++) {
    const used = new Map([...gpu.keys()].map((pool) => [pool, new Float64Array(horizon.slots)]));
    const watts = usage.watts.slice();
    for (const buyer of buyers) {
      buyer.buy(gpu.get(buyer.task.job.pool)!, power, used.get(buyer.task.job.pool)!, watts);
      if (buyer.task.options.length > 1) yield;
    }
    yield;
    const step = FIRST_STEP_WATTS / (1 + round / 4);
    let scarce = false;
    for (const [pool, prices] of gpu) {
      const free = usage.freeGpus.get(pool)!;
      for (let t = 0; t < horizon.slots; t++) {
        const excess = Math.max(-1, Math.min(1, used.get(pool)![t]! / Math.max(1, free[t]!) - 1));
        const change = step * excess * horizon.gramsPerWattHour[t]!;
        if (excess > 0) scarce = true;
        prices[t] = Math.max(0, prices[t]! + change);
      }
    }
    for (let t = 0; t < horizon.slots; t++) {
      const supply = horizon.onSiteWatts[t]!;
      if (supply <= 0) continue;
      const excess = Math.max(-1, Math.min(1, watts[t]! / supply - 1));
      power[t] = Math.max(0, Math.min(1, power[t]! + (step / FIRST_STEP_WATTS) * excess));
      scarce = true;
    }
    if (!scarce && round === 0) break;
  }
  return { gpu, power };
}

/** One task that buys GPU-hours and energy at given prices. */
class Buyer {
  readonly task: Task;
  readonly #horizon: Horizon;
  readonly #hulls = new Map<number, Hull>();
  readonly #end: number;
  /** Grams that a sample was worth in the round before. */
  #worth = 0;

  constructor(task: Task, horizon: Horizon) {
    this.task = task;
    this.#horizon = horizon;
    let end = task.firstSlot;
    while (end < horizon.slots && horizon.startsAt[end]! < task.dueAt) end++;
    this.#end = end;
  }

  /** Adds what it buys to the GPUs used and to the watts of every slot. */
  buy(gpuPrice: Float64Array, power: Float64Array, used: Float64Array, watts: Float64Array): void {
    const { firstSlot, dueAt, work } = this.task;
    const { hours, gramsPerWattHour, freeGramsPerWattHour, startsAt } = this.#horizon;
    const slots = this.#end - firstSlot;
    if (slots <= 0) return;
    const grams = new Float64Array(slots);
    const usable = new Float64Array(slots);
    const hulls: Hull[] = [];
    for (let s = 0; s < slots; s++) {
      const t = firstSlot + s;
      grams[s] = gramsPerWattHour[t]! * power[t]! + freeGramsPerWattHour;
      usable[s] = Math.min(hours[t]!, (dueAt - startsAt[t]!) / 3_600_000);
      hulls.push(this.#hullAt(Math.round(gpuPrice[t]! / grams[s]! / PRICE_STEP_WATTS)));
    }
    const workAt = (worth: number) => {
      let sum = 0;
      for (let s = 0; s < slots; s++) {
        const i = choice(hulls[s]!, worth / grams[s]!);
        if (i >= 0) sum += hulls[s]!.rate[i]! * usable[s]!;
      }
      return sum;
    };
    const [low, high, share] = this.#settle(workAt, grams[0]! * hulls[0]!.slope[0]!, work);
    for (let s = 0; s < slots; s++) {
      const hull = hulls[s]!;
      const t = firstSlot + s;
      const part = usable[s]! / hours[t]!;
      for (const [worth, weight] of [
        [low, 1 - share],
        [high, share],
      ] as const) {
        const i = weight === 0 ? -1 : choice(hull, worth / grams[s]!);
        if (i < 0) continue;
        used[t]! += hull.workers[i]! * part * weight;
        watts[t]! += hull.watts[i]! * part * weight;
      }
    }
  }

  /** Two worths of a sample with the work in between, and the share of the higher one that just does it. */
  #settle(workAt: (worth: number) => number, first: number, work: number): [number, number, number] {
    let high = this.#worth > 0 ? this.#worth * 1.05 : 2 * first;
    let workHigh = workAt(high);
    for (let i = 0; i < 30 && workHigh < work; i++) {
      high *= i < 4 ? 1.3 : 4;
      workHigh = workAt(high);
    }
    let low = high;
    let workLow = workHigh;
    while (workLow > work) {
      [high, workHigh] = [low, workLow];
      low = low < first / 1000 ? 0 : low / 1.3;
      workLow = workAt(low);
    }
    for (let i = 0; i < SAMPLE_PRICE_STEPS && workHigh > work * 1.02; i++) {
      const middle = (low + high) / 2;
      const found = workAt(middle);
      if (found >= work) [high, workHigh] = [middle, found];
      else [low, workLow] = [middle, found];
    }
    this.#worth = high;
    return [low, high, workHigh > workLow ? Math.min(1, (work - workLow) / (workHigh - workLow)) : 1];
  }

  #hullAt(level: number): Hull {
    const known = this.#hulls.get(level);
    if (known !== undefined) return known;
    const price = level * PRICE_STEP_WATTS;
    const points = this.task.options.flatMap(({ workers, rate, watts, leastEnergy }) =>
      Array.from(rate, (value, i) => ({ rate: value, watts: watts[i]!, workers })).slice(leastEnergy),
    );
    points.sort((a, b) => a.rate - b.rate);
    const hull: Hull = { rate: [], watts: [], workers: [], slope: [] };
    for (const point of points) {
      const priced = point.watts + price * point.workers;
      for (;;) {
        const n = hull.rate.length;
        const rateBefore = n === 0 ? 0 : hull.rate[n - 1]!;
        const before = n === 0 ? 0 : hull.watts[n - 1]! + price * hull.workers[n - 1]!;
        const slope =
          point.rate > rateBefore ? (priced - before) / (point.rate - rateBefore) : Number.POSITIVE_INFINITY;
        if (n > 0 && (slope <= hull.slope[n - 1]! || (point.rate <= rateBefore && priced < before))) {
          hull.rate.pop();
          hull.watts.pop();
          hull.workers.pop();
          hull.slope.pop();
          continue;
        }
        if (slope === Number.POSITIVE_INFINITY) break;
        hull.rate.push(point.rate);
        hull.watts.push(point.watts);
        hull.workers.push(point.workers);
        hull.slope.push(slope);
        break;
      }
    }
    this.#hulls.set(level, hull);
    return hull;
  }
}

/** Index of the fastest option whose last sample per hour costs at most `wattsPerRate`, or -1. */
function choice(hull: Hull, wattsPerRate: number): number {
  let low = -1;
  let high = hull.slope.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (hull.slope[middle]! <= wattsPerRate) low = middle;
    else high = middle - 1;
  }
  return low;
}
