import { physics } from "./physics.ts";
import { createDraws, type Draws } from "./random.ts";
import type { ScenarioService } from "./scenario.ts";

/** How many requests arrive at a service in each window: drawn by its time alone, so every policy meets the same. */
export class Arrivals {
  readonly #service: ScenarioService;
  readonly #modelError: number;
  readonly #bursts: Draws;
  readonly #counts: Draws;

  constructor(service: ScenarioService, seed: number, modelError: number) {
    this.#service = service;
    this.#modelError = modelError;
    this.#bursts = createDraws(seed, "window-burst", service.id);
    this.#counts = createDraws(seed, "arrivals", service.id);
  }

  /** Of the window that starts at `windowStartsAt`. */
  inWindow(windowStartsAt: number): number {
    const { ratesStartAt, rateStepMs, requestsPerSecond } = this.#service;
    const step = Math.floor((windowStartsAt - ratesStartAt) / rateStepMs);
    const rate = requestsPerSecond[step] ?? 0;
    const index = Math.floor(windowStartsAt / physics.windowMs);
    const burst = this.#bursts.lognormal(index, this.#modelError * physics.windowBurst);
    return this.#counts.poisson(index, (rate * burst * physics.windowMs) / 1000);
  }
}

/** Of a window's arrivals those in its first part: whole requests, spread evenly. */
export function arrivalsUntil(windowArrivals: number, share: number): number {
  return Math.round(windowArrivals * share);
}
