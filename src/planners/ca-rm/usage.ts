import { assert } from "../../records/index.ts";
import type { Horizon } from "./horizon.ts";

/** How a job is placed: one entry a slot, 0 where it does not run. */
export interface Placement {
  readonly workers: Int32Array;
  readonly smClockMhz: Float64Array;
  /** Watts above idle of all workers while it runs. */
  readonly watts: Float64Array;
  /** Hours that it runs in a slot: less than the slot's only in the one in which it finishes. */
  readonly hours: Float64Array;
  /** Epoch milliseconds; infinity if it does not finish within the slots. */
  readonly finishAt: number;
}

/** What is planned in every slot of one cluster so far: GPUs of each pool, and power. */
export class Usage {
  readonly horizon: Horizon;
  /** GPUs that are free, by pool and slot. */
  readonly freeGpus: ReadonlyMap<string, Int32Array>;
  /** Watts that may still be added under the power cap; infinity without a cap. */
  readonly freeWatts: Float64Array;
  /** Mean watts, idle GPUs and services included. */
  readonly watts: Float64Array;

  constructor(
    horizon: Horizon,
    freeGpus: ReadonlyMap<string, Int32Array>,
    freeWatts: Float64Array,
    watts: Float64Array,
  ) {
    this.horizon = horizon;
    this.freeGpus = freeGpus;
    this.freeWatts = freeWatts;
    this.watts = watts;
  }

  clone(): Usage {
    const freeGpus = new Map([...this.freeGpus].map(([pool, free]) => [pool, free.slice()]));
    return new Usage(this.horizon, freeGpus, this.freeWatts.slice(), this.watts.slice());
  }

  add(pool: string, placement: Placement): void {
    this.#change(pool, placement, 1);
  }

  remove(pool: string, placement: Placement): void {
    this.#change(pool, placement, -1);
  }

  /** Grams of `placement` on top of what is planned, or of the last bit of it if it is planned already. */
  gramsOf(placement: Placement): number {
    let grams = 0;
    for (let t = 0; t < this.horizon.slots; t++) {
      if (placement.hours[t]! > 0) grams += this.#gramsOfSlot(t, placement.watts[t]! * placement.hours[t]!);
    }
    return grams;
  }

  #gramsOfSlot(t: number, wattHours: number): number {
    const { hours, gramsPerWattHour, onSiteWatts, freeGramsPerWattHour } = this.horizon;
    const free = Math.max(0, onSiteWatts[t]! - this.watts[t]!) * hours[t]!;
    return gramsPerWattHour[t]! * Math.max(0, wattHours - free) + freeGramsPerWattHour * wattHours;
  }

  #change(pool: string, placement: Placement, sign: 1 | -1): void {
    const free = this.freeGpus.get(pool);
    assert(free !== undefined, `pool ${pool} is unknown`);
    for (let t = 0; t < this.horizon.slots; t++) {
      const workers = placement.workers[t]!;
      if (workers === 0) continue;
      free[t]! -= sign * workers;
      this.freeWatts[t]! -= sign * placement.watts[t]!;
      this.watts[t]! += (sign * placement.watts[t]! * placement.hours[t]!) / this.horizon.hours[t]!;
      assert(free[t]! >= 0, `pool ${pool} is planned beyond its capacity`);
    }
  }
}
