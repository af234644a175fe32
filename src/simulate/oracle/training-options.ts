import { type ModelTruth, supportedSmClocksMhz } from "../model-truth.ts";
import type { OracleOption } from "./problem.ts";

/** Watts by which a clock that is left out may beat a mix of those kept, as a share of its own. */
const TOLERANCE = 1e-3;

/**
 * Ways to train a model on the simulator's machines: a table that is small enough to solve and still a bound. Of each
 * worker count only clocks on the lower hull of (rate, watts) are kept, fewer than there are; options that a mix of
 * fewer workers beats are dropped. Watts are lowered by the share up to which a clock left out may beat a mix of those kept.
 */
export function trainingOptions(
  truth: ModelTruth,
  maxWorkers: number,
  minWorkers = 1,
): readonly OracleOption[] {
  const counts = Array.from({ length: maxWorkers - minWorkers + 1 }, (_, i) => minWorkers + i);
  const kept = counts.flatMap((workers) => thinnedHull(hullOf(optionsAt(truth, workers))));
  return withoutBeaten(kept).map((option) => ({ ...option, watts: option.watts * (1 - TOLERANCE) }));
}

/** Every clock at one worker count, by rising rate. */
function optionsAt(truth: ModelTruth, workers: number): OracleOption[] {
  const { gpu } = truth.profile;
  const atOneWorker = truth.scaling(workers);
  return supportedSmClocksMhz(gpu)
    .map((mhz) => ({
      workers,
      mhz,
      // Work is counted in hours of one worker at the profile's highest speed.
      rate: atOneWorker * truth.speed(mhz),
      watts: workers * (truth.busyPowerWatts(mhz) - gpu.idlePowerWatts),
    }))
    .sort((a, b) => a.rate - b.rate || a.watts - b.watts);
}

/** The lower convex hull seen from no work at no power. */
function hullOf(options: readonly OracleOption[]): OracleOption[] {
  const hull: OracleOption[] = [];
  const before = (i: number) => hull[i] ?? { rate: 0, watts: 0 };
  for (const option of options) {
    if (option.rate <= (hull.at(-1)?.rate ?? 0)) continue;
    while (hull.length > 0) {
      const a = before(hull.length - 2);
      const b = hull.at(-1)!;
      if ((b.watts - a.watts) * (option.rate - b.rate) < (option.watts - b.watts) * (b.rate - a.rate)) break;
      hull.pop();
    }
    hull.push(option);
  }
  return hull;
}

/** As few points of a hull as leave none that beats the line between its neighbours kept by more than the tolerance. */
function thinnedHull(hull: readonly OracleOption[]): OracleOption[] {
  const kept = [hull[0]!];
  let from = 0;
  while (from < hull.length - 1) {
    let to = from + 1;
    while (to + 1 < hull.length && isCovered(hull, from, to + 1)) to += 1;
    kept.push(hull[to]!);
    from = to;
  }
  return kept;
}

function isCovered(hull: readonly OracleOption[], from: number, to: number): boolean {
  const [a, b] = [hull[from]!, hull[to]!];
  for (let i = from + 1; i < to; i += 1) {
    const { rate, watts } = hull[i]!;
    const onLine = a.watts + ((b.watts - a.watts) * (rate - a.rate)) / (b.rate - a.rate);
    if (onLine * (1 - TOLERANCE) > watts) return false;
  }
  return true;
}

/** Drops every option that a mix of two others, or of one and a pause, beats with no more workers. */
function withoutBeaten(options: readonly OracleOption[]): OracleOption[] {
  const pause: OracleOption = { workers: 0, mhz: 0, rate: 0, watts: 0 };
  let kept = [...options];
  for (const option of options.toReversed()) {
    const others = [pause, ...kept.filter((other) => other !== option && other.workers <= option.workers)];
    if (isBeaten(option, others)) kept = kept.filter((other) => other !== option);
  }
  return kept;
}

function isBeaten(option: OracleOption, others: readonly OracleOption[]): boolean {
  const slower = others.filter(({ rate }) => rate < option.rate);
  const faster = others.filter(({ rate }) => rate >= option.rate);
  return faster.some((b) =>
    slower.some((a) => {
      const share = (option.rate - a.rate) / (b.rate - a.rate);
      const workers = a.workers + share * (b.workers - a.workers);
      const watts = a.watts + share * (b.watts - a.watts);
      return workers <= option.workers + 1e-12 && watts <= option.watts;
    }),
  );
}
