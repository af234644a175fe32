/** A quantity over time; `atMs` is epoch milliseconds. */
export type Signal = (atMs: number) => number;

/**
 * Samples a signal at the middle of each step of [fromMs, toMs). A step longer than the signal's own is the mean of
 * as many samples as fit into it.
 */
export function resample(
  signal: Signal,
  signalStepMs: number,
  fromMs: number,
  toMs: number,
  stepMs: number,
): Float64Array {
  const samples = Math.max(1, Math.round(stepMs / signalStepMs));
  const steps = Math.max(0, Math.ceil((toMs - fromMs) / stepMs));
  return Float64Array.from({ length: steps }, (_, step) => {
    const startsAt = fromMs + step * stepMs;
    let sum = 0;
    for (let i = 0; i < samples; i++) sum += signal(startsAt + ((i + 0.5) * stepMs) / samples);
    return sum / samples;
  });
}

/**
 * Linear between the middles of steps; `meanOf(i)` is the mean over step i, which starts at originMs + i × stepMs.
 */
export function interpolate(meanOf: (step: number) => number, originMs: number, stepMs: number): Signal {
  return (atMs) => {
    const position = (atMs - originMs) / stepMs - 0.5;
    const step = Math.floor(position);
    const share = position - step;
    return (1 - share) * meanOf(step) + share * meanOf(step + 1);
  };
}
