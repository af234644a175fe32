import type { ObservedGpu } from "../agent/actuators/actuator.ts";
import { CarmError, type GpuModel, type Tenant } from "../records/index.ts";
import type { Faults, Interval } from "./faults.ts";
import { type ModelTruth, supportedSmClocksMhz } from "./model-truth.ts";
import { physics } from "./physics.ts";
import { createDraws, type Draws } from "./random.ts";

export interface GpuSetup {
  readonly uuid: string;
  readonly node: string;
  readonly pool: string;
  readonly gpu: GpuModel;
  readonly seed: number;
  readonly modelError: number;
  readonly faults: Faults;
}

/** One board: its clock, its heat, its energy counter, and what it is like compared with its sisters. */
export class SimulatedGpu {
  readonly uuid: string;
  readonly node: string;
  readonly pool: string;
  readonly #setup: GpuSetup;
  readonly #clocks: readonly number[];
  readonly #losses: readonly Interval[];
  readonly #noise: Draws;
  readonly #powerFactor: number;
  readonly #speedFactor: number;
  readonly #ambientCelsius: number;

  /** Set by whoever places work on the board. */
  tenant: Tenant | null = null;
  #lockMhz: number | null = null;
  /** The lock that the clock follows: `#lockMhz`, one switching delay later. */
  #activeLockMhz: number | null = null;
  #switchAt = Number.POSITIVE_INFINITY;
  #lost = false;
  /** How often it was lost or came back. */
  losses = 0;
  #temperatureCelsius: number;
  #powerWatts: number;
  #utilization = 0;
  #energyMillijoules = 0;
  #phase = -1;
  #phaseFactor = 1;

  constructor(setup: GpuSetup) {
    this.uuid = setup.uuid;
    this.node = setup.node;
    this.pool = setup.pool;
    this.#setup = setup;
    this.#clocks = supportedSmClocksMhz(setup.gpu);
    this.#losses = setup.faults.gpuLosses(setup.uuid);
    this.#noise = createDraws(setup.seed, "gpu-noise", setup.uuid);
    const board = createDraws(setup.seed, "board", setup.uuid);
    const off = (index: number, size: number) => setup.modelError * size * (2 * board.uniform(index) - 1);
    this.#powerFactor = 1 + off(0, physics.powerSpread);
    this.#speedFactor = 1 + off(1, physics.speedSpread);
    this.#ambientCelsius = physics.ambientCelsius + off(2, physics.ambientSpreadCelsius);
    this.#temperatureCelsius = this.#ambientCelsius;
    this.#powerWatts = setup.gpu.idlePowerWatts * this.#powerFactor;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** When the clock changes next. */
  get switchAt(): number {
    return this.#switchAt;
  }

  /** Clock under load: the lock in force, otherwise the highest boost. */
  get busyClockMhz(): number {
    return this.#activeLockMhz ?? this.#setup.gpu.maxSmClockMhz;
  }

  /** Applies what is due at `nowMs`: a clock switch, being lost, coming back. */
  settle(nowMs: number): void {
    if (this.#switchAt <= nowMs) {
      this.#activeLockMhz = this.#lockMhz;
      this.#switchAt = Number.POSITIVE_INFINITY;
    }
    const lost = this.#losses.some((loss) => loss.fromMs <= nowMs && nowMs < loss.toMs);
    if (this.#lost && !lost) this.#reload();
    if (this.#lost !== lost) this.losses += 1;
    this.#lost = lost;
    const phase = Math.floor(nowMs / physics.phaseMs);
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#phaseFactor = this.#setup.faults.speedFactor(this.uuid, nowMs);
    }
  }

  /** Speed of a model on this board now, over its profile's speed at the highest clock. */
  speed(truth: ModelTruth): number {
    return truth.speed(this.busyClockMhz) * this.#speedFactor * this.#phaseFactor;
  }

  /**
   * Lets time pass with a load that is busy a share `utilization` of it; returns the energy drawn, millijoules (watts
   * times milliseconds). Power is constant within the call, so the counter is the exact integral.
   */
  advance(durationMs: number, truth: ModelTruth | null, utilization: number): number {
    const { gpu, modelError } = this.#setup;
    this.#utilization = this.#lost || truth === null ? 0 : utilization;
    const idleWatts = this.#lost ? 0 : gpu.idlePowerWatts;
    const busyWatts = truth === null ? idleWatts : truth.busyPowerWatts(this.busyClockMhz);
    const settledWatts = (idleWatts + this.#utilization * (busyWatts - idleWatts)) * this.#powerFactor;
    const risePerWatt = physics.temperatureRiseCelsius / gpu.powerLimitWatts;
    const measuredAtCelsius = physics.ambientCelsius + risePerWatt * settledWatts;
    const leakage = modelError * physics.leakagePerCelsius * (this.#temperatureCelsius - measuredAtCelsius);
    this.#powerWatts = settledWatts * (1 + leakage);
    const goal = this.#ambientCelsius + risePerWatt * this.#powerWatts;
    const closed = 1 - Math.exp(-durationMs / physics.thermalTimeConstantMs);
    this.#temperatureCelsius += (goal - this.#temperatureCelsius) * closed;
    const energy = this.#powerWatts * durationMs;
    this.#energyMillijoules += energy;
    return energy;
  }

  lockSmClock(nowMs: number, smClockMhz: number | null): void {
    this.#mustAnswer();
    if (smClockMhz !== null && !this.#clocks.includes(smClockMhz)) {
      throw new CarmError(
        "ERR_ACTUATOR_FAILED",
        `${this.uuid} does not support ${smClockMhz} MHz; choose one of its supported clocks, ${this.#clocks[0]} to ${this.#clocks.at(-1)} MHz.`,
      );
    }
    if (smClockMhz === this.#lockMhz) return;
    this.#lockMhz = smClockMhz;
    this.#switchAt = nowMs + physics.clockSwitchMs;
  }

  observe(nowMs: number): ObservedGpu {
    const { gpu, modelError } = this.#setup;
    const wattsNoise = 1 + modelError * physics.powerNoise * this.#noise.normal(2 * nowMs);
    const shareNoise = modelError * physics.utilizationNoise * this.#noise.normal(2 * nowMs + 1);
    const busy = this.#utilization > 0;
    const idleClock = this.#activeLockMhz ?? gpu.minSmClockMhz;
    return {
      uuid: this.uuid,
      model: gpu.model,
      supportedSmClocksMhz: this.#clocks,
      smClockMhz: this.#lost ? 0 : busy ? this.busyClockMhz : idleClock,
      lockedSmClockMhz: this.#lost ? null : this.#lockMhz,
      powerWatts: Math.max(0, this.#powerWatts * wattsNoise),
      energyMillijoules: Math.floor(this.#energyMillijoules),
      utilization: busy ? Math.min(1, Math.max(0, this.#utilization + shareNoise)) : 0,
      temperatureCelsius: Math.round(this.#temperatureCelsius),
      healthy: !this.#lost,
      tenants: this.tenant === null ? [] : [this.tenant],
    };
  }

  /** The driver was loaded again: no lock, counter from 0. */
  #reload(): void {
    this.#lockMhz = null;
    this.#activeLockMhz = null;
    this.#switchAt = Number.POSITIVE_INFINITY;
    this.#energyMillijoules = 0;
  }

  #mustAnswer(): void {
    if (this.#lost) {
      throw new CarmError("ERR_GPU_LOST", `${this.uuid} does not answer; wait until it is back.`);
    }
  }
}
