/**
 * Draws by name instead of by turn: each number depends on seed, purpose, id and index alone, so what a policy does
 * can't change what happens to it. Murmur3's finaliser over a keyed counter.
 */
export interface Draws {
  /** In [0, 1). */
  uniform(index: number): number;
  /** Mean 0, standard deviation 1 (Box-Muller). */
  normal(index: number): number;
  /** Number of events of a Poisson distribution with this mean. */
  poisson(index: number, mean: number): number;
  /** Mean 1, coefficient of variation about `sigma`. */
  lognormal(index: number, sigma: number): number;
}

/** Above this mean the normal approximation of a Poisson count is used. */
const POISSON_EXACT_MEAN_MAX = 60;

export function createDraws(seed: number, purpose: string, id: string): Draws {
  const key = hashText(`${purpose}\0${id}`, seed);
  const uniform = (index: number): number => {
    const low = mix(key ^ mix((index % 4294967296) | 0));
    const high = mix(low ^ Math.floor(index / 4294967296) ^ 0x9e3779b9);
    return ((low >>> 5) * 67108864 + (high >>> 6)) / 9007199254740992;
  };
  const normal = (index: number): number =>
    Math.sqrt(-2 * Math.log(1 - uniform(2 * index))) * Math.cos(2 * Math.PI * uniform(2 * index + 1));
  return {
    uniform,
    normal,
    poisson: (index, mean) =>
      mean > POISSON_EXACT_MEAN_MAX
        ? Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(index)))
        : invertPoisson(uniform(index), mean),
    lognormal: (index, sigma) => Math.exp(sigma * normal(index) - (sigma * sigma) / 2),
  };
}

/** A permutation of `values`. */
export function shuffled<T>(values: readonly T[], draws: Draws): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(draws.uniform(i) * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function invertPoisson(uniform: number, mean: number): number {
  let count = 0;
  let probability = Math.exp(-mean);
  let cumulative = probability;
  while (cumulative < uniform && probability > 0) {
    count += 1;
    probability *= mean / count;
    cumulative += probability;
  }
  return count;
}

function hashText(text: string, seed: number): number {
  let hash = mix(seed | 0) ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
