import {
  byLimits,
  leastEnergySmClockMhz,
  type Profile,
  servingPowerWatts,
  shareOverTarget,
  supportedSmClocksMhz,
} from "../profiles/index.ts";
import type { ClockLimits, PlanningProblem, PlanningService, Slot } from "./planner.ts";

/**
 * Share of requests over the target that a clock may be expected to have beyond what the top clock has. With the
 * headroom of raised clocks and the hysteresis of lowered ones about half of it is used: promised is a thousandth.
 */
const TOLERATED_SHARE = 1.2e-3;
/** Rates are rounded up to a multiple of this share, so that equal hours are worked out once. */
const RATE_STEP_SHARE = 0.02;

/** What a clock for a service hangs on. */
export interface ServingGoal {
  readonly profile: Profile;
  readonly latencyTargetMs: number;
  /** The target is for this quantile of the latencies. */
  readonly latencyQuantile: number;
  readonly limits: ClockLimits;
  /** How many times as many requests are slow as the profile says, by measurement. */
  readonly tailFactor: number;
}

/** The clocks that a service may be set to: none below the one of least energy per request. MHz, rising. */
export function servingClocksMhz(goal: Pick<ServingGoal, "profile" | "limits">): readonly number[] {
  return usefulClocksMhz(goal.profile, goal.limits);
}

const usefulClocksMhz = byLimits((profile: Profile, limits): readonly number[] => {
  const lowest = leastEnergySmClockMhz(profile, limits);
  return supportedSmClocksMhz(profile.gpu, limits).filter((clock) => clock >= lowest);
});

/**
 * The lowest clock at which hardly more requests take longer than the target than at the top clock, and the quantile of
 * the target holds; the top clock if none does. Requests per second of one GPU; MHz.
 */
export function neededClockMhz(goal: ServingGoal, requestsPerSecondPerGpu: number): number {
  const clocks = servingClocksMhz(goal);
  const { profile, latencyTargetMs: targetMs } = goal;
  const slowAt = (smClockMhz: number) =>
    goal.tailFactor * shareOverTarget(profile, { requestsPerSecondPerGpu, smClockMhz, targetMs });
  let high = clocks.length - 1;
  const tolerated = Math.min(slowAt(clocks[high]!) + TOLERATED_SHARE, 1 - goal.latencyQuantile);
  let low = -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (slowAt(clocks[middle]!) <= tolerated) high = middle;
    else low = middle;
  }
  return clocks[high]!;
}

/** Least-power clocks of one service at which its target holds, worked out once for equal rates. */
export class ServingClocks {
  readonly #goal: ServingGoal;
  readonly #clocks: readonly number[];
  readonly #known = new Map<number, number>();

  constructor(goal: ServingGoal) {
    this.#goal = goal;
    this.#clocks = servingClocksMhz(goal);
  }

  /** MHz, for requests per second of one GPU. */
  clockAt(requestsPerSecondPerGpu: number): number {
    const step = Math.ceil(Math.log(Math.max(requestsPerSecondPerGpu, 1e-6)) / Math.log1p(RATE_STEP_SHARE));
    const known = this.#known.get(step);
    if (known !== undefined) return known;
    const rate = (1 + RATE_STEP_SHARE) ** step;
    const clock = this.#leastPowerFrom(neededClockMhz(this.#goal, rate), rate);
    this.#known.set(step, clock);
    return clock;
  }

  /** Batches are smaller at a higher clock, so the least power is looked for and not assumed. */
  #leastPowerFrom(needed: number, requestsPerSecondPerGpu: number): number {
    let best = needed;
    let least = Number.POSITIVE_INFINITY;
    for (const smClockMhz of this.#clocks) {
      if (smClockMhz < needed) continue;
      const watts = servingPowerWatts(this.#goal.profile, { requestsPerSecondPerGpu, smClockMhz });
      if (watts < least) {
        least = watts;
        best = smClockMhz;
      }
    }
    return best;
  }
}

/** Requests per second of the whole service in a slot: the highest step of a quantile level (its index) within it. */
export function arrivalsIn(service: PlanningService, slot: Slot, level: number, nowMs: number): number {
  const { startsAt, stepMs, values } = service.arrivals;
  const series = values[level]!;
  if (series.length === 0) return 0;
  const first = Math.floor((Math.max(slot.startsAt, nowMs) - startsAt) / stepMs);
  const end = Math.ceil((slot.startsAt + slot.durationMs - startsAt) / stepMs);
  let highest = 0;
  for (let i = first; i < Math.max(end, first + 1); i++) {
    highest = Math.max(highest, series[Math.min(Math.max(i, 0), series.length - 1)]!);
  }
  return highest;
}

/** Index of the highest level: what a target is held at. */
export function upperLevel(service: PlanningService): number {
  return service.arrivals.levels.length - 1;
}

/** Index of the median. */
export function medianLevel(service: PlanningService): number {
  return service.arrivals.levels.indexOf(0.5);
}

/** The clock of every slot of one service, MHz: held at the upper quantile of its arrivals. */
export function planServiceClocks(service: PlanningService, problem: PlanningProblem): number[] {
  const { gpus, tailFactor = 1 } = service;
  const clocks = new ServingClocks({ ...service, tailFactor, limits: problem.limits });
  const level = upperLevel(service);
  return problem.slots.map((slot) =>
    clocks.clockAt(arrivalsIn(service, slot, level, problem.nowMs) / Math.max(1, gpus)),
  );
}
