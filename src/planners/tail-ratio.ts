/** Slow requests that were measured and modelled lately. Plain data. */
export interface TailRatio {
  readonly measured: number;
  readonly modelled: number;
}

/** What a window of the past still counts after the next one: half of it after about six hours of 30 s windows. */
const MEMORY = 0.999;
/** Real arrivals come in bursts, so a new service starts with more slow requests than the model has. */
const PRIOR_FACTOR = 3;
/** Modelled slow requests that the prior is worth. */
const PRIOR_WEIGHT = 3;
const FACTOR_MIN = 0.5;
const FACTOR_MAX = 30;

export const newTailRatio: TailRatio = { measured: 0, modelled: 0 };

/** Takes in the slow requests of one window and how many the model had for its rate and clock. */
export function learnTail(ratio: TailRatio, measured: number, modelled: number): TailRatio {
  return { measured: ratio.measured * MEMORY + measured, modelled: ratio.modelled * MEMORY + modelled };
}

/** How many times as many requests are slow as the model has it. */
export function tailFactor({ measured, modelled }: TailRatio): number {
  const factor = (measured + PRIOR_FACTOR * PRIOR_WEIGHT) / (modelled + PRIOR_WEIGHT);
  return Math.min(FACTOR_MAX, Math.max(FACTOR_MIN, factor));
}
