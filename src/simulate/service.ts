import type { RequestRate } from "../records/index.ts";
import { Arrivals, arrivalsUntil } from "./arrivals.ts";
import type { SimulatedGpu } from "./gpu.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { fullRatePerMs, isolatedLatencyMs, type LatencyTable, LOAD_MAX } from "./latency-table.ts";
import type { ModelTruth } from "./model-truth.ts";
import { physics } from "./physics.ts";
import { createDraws, type Draws } from "./random.ts";
import type { ScenarioService } from "./scenario.ts";

/** An inference service: GPUs as independent batching servers behind an even load balancer. */
export class SimulatedService {
  readonly scenario: ScenarioService;
  readonly truth: ModelTruth;
  readonly gpus: readonly SimulatedGpu[];
  readonly #table: LatencyTable;
  readonly #cluster: string;
  readonly #arrivals: Arrivals;
  readonly #rounding: Draws;
  readonly #histogram: LatencyHistogram;
  readonly #busyShares: Float64Array;

  energyMillijoules = 0;
  /** Requests that the servers had no room for, as a fluid. */
  #backlog = 0;
  #windowStartsAt: number;
  #windowArrivals = 0;
  #arrived = 0;
  #queueAtStart = 0;
  #windows: RequestRate[] = [];

  constructor(
    scenario: ScenarioService,
    gpus: readonly SimulatedGpu[],
    truth: ModelTruth,
    table: LatencyTable,
    run: { cluster: string; seed: number; modelError: number; startsAt: number },
  ) {
    this.scenario = scenario;
    this.gpus = gpus;
    this.truth = truth;
    this.#table = table;
    this.#cluster = run.cluster;
    this.#arrivals = new Arrivals(scenario, run.seed, run.modelError);
    this.#rounding = createDraws(run.seed, "latency-rounding", scenario.id);
    this.#histogram = new LatencyHistogram(scenario.spec.latencyTargetMs);
    this.#busyShares = new Float64Array(gpus.length);
    this.#windowStartsAt = run.startsAt;
    this.#windowArrivals = this.#arrivals.inWindow(this.#windowStartsAt);
  }

  /** Lets time pass; the interval lies within one window. `busyShare` then says how busy each GPU was. */
  advance(fromMs: number, toMs: number): void {
    this.#backlog += this.#arrivalsUntil(toMs);
    const healthy = this.gpus.reduce((count, gpu) => count + (gpu.lost ? 0 : 1), 0);
    const offered = healthy === 0 ? 0 : this.#backlog / healthy;
    let left = healthy === 0 ? this.#backlog : 0;
    for (const [index, gpu] of this.gpus.entries()) {
      if (gpu.lost) continue;
      left += offered - this.#serve(index, gpu, offered, toMs - fromMs);
    }
    // Sums of shares leave dust; a queue of a millionth of a request is none.
    this.#backlog = left < 1e-6 ? 0 : left;
    if (toMs === this.#windowStartsAt + physics.windowMs) this.#closeWindow(toMs);
  }

  busyShare(index: number): number {
    return this.#busyShares[index]!;
  }

  takeWindows(): RequestRate[] {
    const windows = this.#windows;
    this.#windows = [];
    return windows;
  }

  #serve(index: number, gpu: SimulatedGpu, offered: number, durationMs: number): number {
    const batching = this.truth.profile.batching!;
    const speed = gpu.speed(this.truth);
    const ratePerMs = fullRatePerMs(batching) * speed;
    const served = Math.min(offered, ratePerMs * durationMs);
    const load = served / (ratePerMs * durationMs);
    const waitingMs = (offered - served) / ratePerMs;
    this.#busyShares[index] = this.#table.busyShare(load);
    const unitMs = isolatedLatencyMs(batching) / speed;
    this.#histogram.add(served, this.#table.survival(Math.min(load, LOAD_MAX)), unitMs, waitingMs);
    return served;
  }

  /** Whole arrivals since the last call: the window's, spread evenly. */
  #arrivalsUntil(toMs: number): number {
    const share = (toMs - this.#windowStartsAt) / physics.windowMs;
    const until = arrivalsUntil(this.#windowArrivals, share);
    const arrivals = until - this.#arrived;
    this.#arrived = until;
    return arrivals;
  }

  #closeWindow(toMs: number): void {
    const index = Math.floor(this.#windowStartsAt / physics.windowMs);
    const queueDepth = Math.round(this.#backlog);
    const completions = this.#windowArrivals + this.#queueAtStart - queueDepth;
    this.#windows.push({
      cluster: this.#cluster,
      observedAt: toMs,
      service: this.scenario.id,
      startsAt: this.#windowStartsAt,
      durationMs: physics.windowMs,
      arrivals: this.#windowArrivals,
      completions,
      queueDepth,
      ...this.#histogram.take(completions, this.#rounding.uniform(index)),
    });
    this.#windowStartsAt = toMs;
    this.#arrived = 0;
    this.#queueAtStart = queueDepth;
    this.#windowArrivals = this.#arrivals.inWindow(this.#windowStartsAt);
  }
}
