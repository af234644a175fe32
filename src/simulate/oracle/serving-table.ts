import { fullRatePerMs, isolatedLatencyMs, LOAD_MAX, latencyTableOf } from "../latency-table.ts";
import { type ModelTruth, supportedSmClocksMhz } from "../model-truth.ts";
import { physics } from "../physics.ts";
import type { ScenarioService } from "../scenario.ts";

/** Watts and requests over the target of one service in one step, by arrivals and clock; worked out when first asked for. */
export class ServingTable {
  /** MHz, rising. */
  readonly clocks: readonly number[];
  readonly #service: ScenarioService;
  readonly #truth: ModelTruth;
  readonly #modelError: number;
  readonly #watts = new Map<number, Float64Array>();
  readonly #over = new Map<number, Float64Array>();
  /** Clocks that are best at some price of a request over the target, by arrivals. */
  readonly #best = new Map<number, readonly number[]>();

  constructor(service: ScenarioService, truth: ModelTruth, modelError: number) {
    this.#service = service;
    this.#truth = truth;
    this.#modelError = modelError;
    this.clocks = supportedSmClocksMhz(truth.profile.gpu);
  }

  /** Above idle, of all its GPUs, by index of the clock; `count` requests arrive in the step. */
  watts(count: number): Float64Array {
    return this.#watts.get(count) ?? this.#compute(count).watts;
  }

  /** Requests of the step that take longer than the target, by index of the clock. */
  overTarget(count: number): Float64Array {
    return this.#over.get(count) ?? this.#compute(count).over;
  }

  /** Index of the clock of least watts + price × requests over the target. */
  cheapest(count: number, price: number): number {
    const watts = this.watts(count);
    const over = this.overTarget(count);
    const best = this.#best.get(count)!;
    let cheapest = best[0]!;
    let least = Number.POSITIVE_INFINITY;
    for (const clock of best) {
      const cost = watts[clock]! + price * over[clock]!;
      if (cost >= least) continue;
      least = cost;
      cheapest = clock;
    }
    return cheapest;
  }

  #compute(count: number): { watts: Float64Array; over: Float64Array } {
    const { gpus, latencyTargetMs } = this.#service.spec;
    const { profile } = this.#truth;
    const batching = profile.batching!;
    const table = latencyTableOf(batching, this.#modelError);
    const watts = new Float64Array(this.clocks.length);
    const over = new Float64Array(this.clocks.length);
    for (const [i, clock] of this.clocks.entries()) {
      const speed = this.#truth.speed(clock);
      const offered = count / (gpus * fullRatePerMs(batching) * speed * physics.stepMs);
      const busy = table.busyShare(Math.min(1, offered));
      watts[i] = gpus * busy * (this.#truth.busyPowerWatts(clock) - profile.gpu.idlePowerWatts);
      const unitMs = isolatedLatencyMs(batching) / speed;
      const share = table.shareAtLeast(Math.min(offered, LOAD_MAX), latencyTargetMs / unitMs);
      // What a server has no room for waits and is late.
      over[i] = offered > 1 ? count : count * share;
    }
    this.#watts.set(count, watts);
    this.#over.set(count, over);
    this.#best.set(count, paretoClocks(watts, over));
    return { watts, over };
  }
}

/** Clocks that no other beats in watts and in requests over the target. */
function paretoClocks(watts: Float64Array, over: Float64Array): readonly number[] {
  const order = Array.from(watts.keys()).sort((a, b) => watts[a]! - watts[b]! || over[a]! - over[b]!);
  const kept: number[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const clock of order) {
    if (over[clock]! >= least) continue;
    kept.push(clock);
    least = over[clock]!;
  }
  return kept;
}
