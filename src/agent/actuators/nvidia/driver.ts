import type { CarmError } from "../../../records/index.ts";

/** What keeps a clock below the one asked for, as the driver says. `setting` is a user's own limit. */
export type ClockLimit = "idle" | "setting" | "power" | "heat" | "hardware" | "group";

/** A process that has a context on a board. */
export interface GpuProcess {
  readonly pid: number;
  /** The MIG instance it runs in; null on a whole board. */
  readonly gpuInstance: number | null;
}

/** What the driver says of one board. */
export interface BoardReading {
  readonly uuid: string;
  /** As the vendor writes it, for example `NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  /** MHz, rising; empty if the board has no clocks to lock. */
  readonly supportedSmClocksMhz: readonly number[];
  /** Applications clock after a boot, MHz; null where there is none. */
  readonly defaultSmClockMhz: number | null;
  readonly smClockMhz: number;
  readonly powerWatts: number;
  /** Counter since the driver was loaded; null where the board has none. */
  readonly energyMillijoules: number | null;
  /** 0 to 1. */
  readonly utilization: number;
  readonly temperatureCelsius: number;
  readonly limits: ReadonlySet<ClockLimit>;
  readonly processes: readonly GpuProcess[];
  /** Share of the board by MIG instance, 0 to 1; empty without MIG. */
  readonly instances: ReadonlyMap<number, number>;
}

/** One board: its reading, or why there is none. */
export type BoardState =
  | { readonly uuid: string; readonly reading: BoardReading; readonly error: null }
  | { readonly uuid: string; readonly reading: null; readonly error: CarmError };

/**
 * The NVIDIA boards of this node. Calls fail with ERR_GPU_LOST, ERR_ACTUATOR_DENIED (with what to grant),
 * ERR_ACTUATOR_UNSUPPORTED or ERR_ACTUATOR_FAILED. Every change is a request to the driver and harmless if repeated.
 */
export interface NvidiaDriver {
  /** All boards, or the one asked for. A board that fails is in the result with its error; the others are read. */
  read(uuid?: string): Promise<readonly BoardState[]>;
  lockSmClock(uuid: string, smClockMhz: number): Promise<void>;
  resetSmClock(uuid: string): Promise<void>;
  /** To the lowest memory clock the board supports. */
  lockMemoryClockLow(uuid: string): Promise<void>;
  resetMemoryClock(uuid: string): Promise<void>;
  /** Within the board's own constraints; null sets the default. */
  setPowerLimit(uuid: string, powerWatts: number | null): Promise<void>;
  close(): Promise<void>;
}
