import { setTimeout as sleep } from "node:timers/promises";
import { CarmError, type Tenant } from "../../../records/index.ts";
import { type Clock, systemClock } from "../../clock.ts";
import { asCarmError } from "../../reconcile-result.ts";
import type { GpuActuator, ObservedGpu } from "../actuator.ts";
import type { BoardReading, BoardState, NvidiaDriver } from "./driver.ts";
import { EnergyMeter } from "./energy-meter.ts";
import { lockEvidence, nearestClockMhz } from "./lock-evidence.ts";
import type { LockRecord, RecordedLock } from "./lock-record.ts";
import { gpuModelName } from "./model-name.ts";

export interface NvidiaActuatorOptions {
  readonly driver: NvidiaDriver;
  readonly locks: LockRecord;
  /** Who has work on a board, by what runs on it. */
  readonly tenants: (reading: BoardReading) => Promise<readonly Tenant[]>;
  readonly clock?: Clock;
  /** How long a board may take to follow a lock, ms; 1 s unless given, as switching takes about 200 ms. */
  readonly settleMs?: number;
  /** Told, once for each board and error, why a board can't be read. */
  readonly onProblem?: (uuid: string, error: CarmError) => void;
}

/** The GPU port on NVIDIA boards, whichever way the driver is reached. */
export interface NvidiaActuator extends GpuActuator {
  close(): Promise<void>;
}

const SETTLE_MS = 1_000;
const POLL_MS = 50;

export function createNvidiaActuator(options: NvidiaActuatorOptions): NvidiaActuator {
  return new DriverActuator(options);
}

class DriverActuator implements NvidiaActuator {
  readonly #options: NvidiaActuatorOptions;
  readonly #clock: Clock;
  readonly #settleMs: number;
  readonly #meter = new EnergyMeter();
  /** Last good observation, for boards that no longer answer. */
  readonly #known = new Map<string, ObservedGpu>();
  /** Since when a board's clock contradicts its lock, monotonic ms. */
  readonly #suspectSince = new Map<string, number>();
  /** Boards locked by this process: their record needs no proof. */
  readonly #lockedHere = new Set<string>();
  readonly #lastProblem = new Map<string, string>();

  constructor(options: NvidiaActuatorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#settleMs = options.settleMs ?? SETTLE_MS;
  }

  async observe(): Promise<readonly ObservedGpu[]> {
    const states = await this.#options.driver.read();
    return await Promise.all(states.map((state) => this.#observed(state)));
  }

  async lockSmClock(uuid: string, smClockMhz: number): Promise<void> {
    const { driver, locks } = this.#options;
    const { supportedSmClocksMhz } = await this.#read(uuid);
    if (!supportedSmClocksMhz.includes(smClockMhz)) {
      const near = nearestClockMhz(supportedSmClocksMhz, smClockMhz);
      throw new CarmError(
        "ERR_ACTUATOR_FAILED",
        `${uuid} has no clock of ${smClockMhz} MHz; ask for ${near}.`,
      );
    }
    const before = locks.get(uuid);
    const asked: RecordedLock = { askedMhz: smClockMhz, actualMhz: smClockMhz };
    await locks.set(uuid, asked);
    try {
      await driver.lockSmClock(uuid, smClockMhz);
    } catch (cause) {
      // After any other failure the lock may be in force.
      const { code } = asCarmError(cause);
      if (code === "ERR_ACTUATOR_DENIED" || code === "ERR_ACTUATOR_UNSUPPORTED")
        await locks.set(uuid, before);
      throw cause;
    }
    this.#lockedHere.add(uuid);
    this.#suspectSince.delete(uuid);
    const stayedAtMhz = await this.#settle(uuid, asked);
    if (stayedAtMhz === null) return;
    // Without a reason of its own, the board has chosen another clock for this lock.
    await locks.set(uuid, { ...asked, actualMhz: nearestClockMhz(supportedSmClocksMhz, stayedAtMhz) });
  }

  async resetSmClock(uuid: string): Promise<void> {
    await this.#options.driver.resetSmClock(uuid);
    await this.#options.locks.set(uuid, null);
    this.#lockedHere.delete(uuid);
    this.#suspectSince.delete(uuid);
  }

  async close(): Promise<void> {
    await this.#options.driver.close();
  }

  async #read(uuid: string): Promise<BoardReading> {
    const state = (await this.#options.driver.read(uuid)).find((board) => board.uuid === uuid);
    if (state === undefined) throw new CarmError("ERR_GPU_LOST", `This node has no GPU ${uuid}.`);
    if (state.reading === null) throw state.error;
    return state.reading;
  }

  /** Waits for a lock to show. Returns the clock of a board that stayed elsewhere, null otherwise. */
  async #settle(uuid: string, lock: RecordedLock): Promise<number | null> {
    const endsAtMs = this.#clock.monotonicMs() + this.#settleMs;
    for (;;) {
      const reading = await this.#read(uuid);
      if (lockEvidence(lock, reading).kind !== "contradicted") return null;
      if (this.#clock.monotonicMs() >= endsAtMs) return reading.smClockMhz;
      await sleep(POLL_MS);
    }
  }

  async #observed({ uuid, reading, error }: BoardState): Promise<ObservedGpu> {
    if (reading === null) {
      this.#tell(uuid, error);
      return { ...(this.#known.get(uuid) ?? unreadable(uuid)), healthy: false };
    }
    this.#lastProblem.delete(uuid);
    const { supportedSmClocksMhz, smClockMhz, powerWatts, utilization, temperatureCelsius } = reading;
    const metered = this.#meter.read(uuid, powerWatts, this.#clock.monotonicMs());
    const overruledBy = this.#overruledBy(reading);
    const gpu: ObservedGpu = {
      uuid,
      model: gpuModelName(reading.name),
      supportedSmClocksMhz,
      smClockMhz,
      lockedSmClockMhz: await this.#lockInForce(reading),
      powerWatts,
      energyMillijoules: reading.energyMillijoules ?? metered,
      utilization,
      temperatureCelsius,
      healthy: true,
      tenants: await this.#options.tenants(reading),
      ...(overruledBy === null ? {} : { overruledBy }),
    };
    this.#known.set(uuid, gpu);
    return gpu;
  }

  #overruledBy(reading: BoardReading): string | null {
    const lock = this.#options.locks.get(reading.uuid);
    const evidence = lock === null ? null : lockEvidence(lock, reading);
    return evidence?.kind === "overruled" ? evidence.by : null;
  }

  /**
   * The lock on record, unless the clock has contradicted it for as long as a board may take to follow one. Then
   * somebody else set the clocks, and the clock they run at is the best that is known of it. A record from an earlier
   * process proves nothing by itself: the driver may have been reloaded since, which ends all locks.
   */
  async #lockInForce(reading: BoardReading): Promise<number | null> {
    const { uuid, smClockMhz, supportedSmClocksMhz } = reading;
    const { locks } = this.#options;
    const lock = locks.get(uuid);
    const onRecord = lock?.actualMhz ?? null;
    if (lockEvidence(lock, reading).kind !== "contradicted") {
      this.#suspectSince.delete(uuid);
      return onRecord;
    }
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = this.#suspectSince.get(uuid) ?? nowMs;
    this.#suspectSince.set(uuid, sinceMs);
    if (nowMs - sinceMs < this.#settleMs) return onRecord;
    if (lock === null || this.#lockedHere.has(uuid)) return nearestClockMhz(supportedSmClocksMhz, smClockMhz);
    await locks.set(uuid, null);
    return null;
  }

  #tell(uuid: string, error: CarmError): void {
    if (this.#lastProblem.get(uuid) === error.code) return;
    this.#lastProblem.set(uuid, error.code);
    this.#options.onProblem?.(uuid, error);
  }
}

/** A board that has never been read. */
function unreadable(uuid: string): ObservedGpu {
  return {
    uuid,
    model: "unknown",
    supportedSmClocksMhz: [],
    smClockMhz: 0,
    lockedSmClockMhz: null,
    powerWatts: 0,
    energyMillijoules: 0,
    utilization: 0,
    temperatureCelsius: 0,
    healthy: false,
    tenants: [],
  };
}
