/** How far a quantity strays from its typical day, and for how long: log of value over typical value as AR(1). */
export interface Variability {
  /** Standard deviation of that log. */
  readonly spread: number;
  /** Correlation of an hour with the next, 0 to below 1. */
  readonly persistence: number;
}

/** An AR(1) process looks back until less than this share of the weight is left, but no further than maxMemorySteps. */
const forgottenShare = 0.01;
const maxMemorySteps = 240;

/**
 * AR(1) noise of unit variance as a function of the step: any step can be asked for in any order, and the same seed
 * and stream give the same value. A moving average over independent normals.
 */
export function redNoise(seed: number, stream: string, persistence: number): (step: number) => number {
  const streamHash = hashText(stream, seed);
  const memorySteps = Math.max(
    1,
    Math.min(maxMemorySteps, Math.ceil(Math.log(forgottenShare) / Math.log(persistence))),
  );
  const kept = new Map<number, number>();
  const scale = Math.sqrt((1 - persistence ** 2) / (1 - persistence ** (2 * memorySteps)));
  const normals = new Map<number, number>();
  const normalAt = (step: number) => {
    const value = normals.get(step) ?? normal(streamHash, step);
    normals.set(step, value);
    return value;
  };
  return (step) => {
    const known = kept.get(step);
    if (known !== undefined) return known;
    let sum = 0;
    for (let k = memorySteps - 1; k >= 0; k--) sum = persistence * sum + normalAt(step - k);
    kept.set(step, scale * sum);
    return scale * sum;
  };
}

/** Factor with mean 1 whose log is normal with this spread; `noise` has unit variance. */
export function lognormalFactor(noise: number, spread: number): number {
  return Math.exp(spread * noise - (spread * spread) / 2);
}

/** Standard normal number for a counter (Box–Muller). */
export function normal(hash: number, counter: number): number {
  const first = uniform(mix(hash ^ Math.imul(counter, 0x9e3779b1)));
  const second = uniform(mix(mix(hash + 0x632be5ab) ^ Math.imul(counter, 0x85ebca77)));
  return Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
}

/** FNV-1a, started from the seed. */
function hashText(text: string, seed: number): number {
  let hash = mix(seed ^ 0x811c9dc5);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Finalizer of MurmurHash3: each bit of the input changes half of the output. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** In (0, 1). */
function uniform(bits: number): number {
  return ((bits >>> 0) + 0.5) / 2 ** 32;
}
