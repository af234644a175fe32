import { CarmError } from "../../../records/index.ts";
import { Exclusive } from "../../exclusive.ts";
import { asCarmError } from "../../reconcile-result.ts";
import type { BoardState, NvidiaDriver } from "../nvidia/driver.ts";
import { NvidiaError } from "../nvidia/return-codes.ts";
import { type BoardIdentity, identifyBoard, readBoard } from "./nvml-board.ts";
import { loadNvml, type NvmlCall, type NvmlHandle, type NvmlLibrary } from "./nvml-library.ts";
import { ifSupported, readHandle, readUint, tried } from "./nvml-read.ts";

export interface NvmlDriverOptions {
  /** `libnvidia-ml.so.1` unless given: found as the system finds libraries. */
  readonly library?: string;
  /** How long a call may take, ms; 5 s unless given. */
  readonly callTimeoutMs?: number;
}

const CALL_TIMEOUT_MS = 5_000;

interface Board {
  readonly handle: NvmlHandle;
  readonly identity: BoardIdentity;
}

/** Boards through NVML. Throws ERR_ACTUATOR_UNSUPPORTED if the library can't be loaded. */
export function createNvmlDriver(options: NvmlDriverOptions = {}): NvidiaDriver {
  const { library = "libnvidia-ml.so.1", callTimeoutMs = CALL_TIMEOUT_MS } = options;
  return new NvmlDriver(loadNvml(library, callTimeoutMs));
}

class NvmlDriver implements NvidiaDriver {
  readonly #nvml: NvmlLibrary;
  readonly #exclusive = new Exclusive();
  /** By place on the bus; null before the library is open. */
  #boards: Map<number, Board> | null = null;

  constructor(nvml: NvmlLibrary) {
    this.#nvml = nvml;
  }

  read(uuid?: string): Promise<readonly BoardState[]> {
    return this.#exclusive.run(() =>
      this.#reopened(async () => {
        const boards = await this.#open();
        const wanted = [...boards.values()].filter(
          ({ identity }) => uuid === undefined || identity.uuid === uuid,
        );
        return await Promise.all(wanted.map((board) => this.#state(board)));
      }),
    );
  }

  lockSmClock(uuid: string, smClockMhz: number): Promise<void> {
    return this.#change(uuid, async ({ handle, identity }) => {
      const locked = await this.#isDone("nvmlDeviceSetGpuLockedClocks", handle, smClockMhz, smClockMhz);
      if (locked) return;
      // Boards before Volta have applications clocks only.
      const memoryMhz = identity.memoryClocksMhz.at(-1) ?? 0;
      await this.#nvml.call("nvmlDeviceSetApplicationsClocks", handle, memoryMhz, smClockMhz);
    });
  }

  resetSmClock(uuid: string): Promise<void> {
    return this.#change(uuid, async ({ handle }) => {
      if (await this.#isDone("nvmlDeviceResetGpuLockedClocks", handle)) return;
      await this.#nvml.call("nvmlDeviceResetApplicationsClocks", handle);
    });
  }

  lockMemoryClockLow(uuid: string): Promise<void> {
    return this.#change(uuid, async ({ handle, identity }) => {
      const lowest = identity.memoryClocksMhz[0];
      if (lowest === undefined) throw new NvidiaError("nvmlDeviceGetSupportedMemoryClocks", NOT_SUPPORTED);
      await this.#nvml.call("nvmlDeviceSetMemoryLockedClocks", handle, lowest, lowest);
    });
  }

  resetMemoryClock(uuid: string): Promise<void> {
    return this.#change(uuid, ({ handle }) => this.#nvml.call("nvmlDeviceResetMemoryLockedClocks", handle));
  }

  setPowerLimit(uuid: string, powerWatts: number | null): Promise<void> {
    return this.#change(uuid, async ({ handle }) => {
      const byDefault = "nvmlDeviceGetPowerManagementDefaultLimit";
      const milliwatts =
        powerWatts === null ? await readUint(this.#nvml, byDefault, handle) : Math.round(powerWatts * 1_000);
      const min = Buffer.alloc(4);
      const max = Buffer.alloc(4);
      await this.#nvml.call("nvmlDeviceGetPowerManagementLimitConstraints", handle, min, max);
      const [least, most] = [min.readUInt32LE(), max.readUInt32LE()];
      if (milliwatts < least || milliwatts > most) {
        const range = `${least / 1_000} to ${most / 1_000} W`;
        throw new CarmError(
          "ERR_ACTUATOR_FAILED",
          `${uuid} takes power limits of ${range}, not ${powerWatts} W.`,
        );
      }
      await this.#nvml.call("nvmlDeviceSetPowerManagementLimit", handle, milliwatts);
    });
  }

  close(): Promise<void> {
    return this.#exclusive.run(async () => {
      if (this.#boards === null) return;
      this.#boards = null;
      await this.#nvml.call("nvmlShutdown");
    });
  }

  async #state({ handle, identity }: Board): Promise<BoardState> {
    const { uuid } = identity;
    try {
      return { uuid, reading: await readBoard(this.#nvml, handle, identity), error: null };
    } catch (cause) {
      if (cause instanceof NvidiaError && cause.remedy === "reopen") throw cause;
      return { uuid, reading: null, error: asCarmError(cause) };
    }
  }

  #change(uuid: string, work: (board: Board) => Promise<void>): Promise<void> {
    return this.#exclusive.run(() =>
      this.#reopened(async () => {
        const board = [...(await this.#open()).values()].find(({ identity }) => identity.uuid === uuid);
        if (board === undefined) throw new CarmError("ERR_GPU_LOST", `This node has no GPU ${uuid}.`);
        await tried(() => work(board));
      }),
    );
  }

  /** False if the board can't do it. */
  async #isDone(call: NvmlCall, ...args: readonly NvmlHandle[]): Promise<boolean> {
    const done = await ifSupported(async () => {
      await this.#nvml.call(call, ...args);
      return true;
    });
    return done ?? false;
  }

  /** Once more from the start if the library says that it must be opened again. */
  async #reopened<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NvidiaError) || error.remedy !== "reopen") throw error;
      this.#boards = null;
      return await work();
    }
  }

  /** Every board there is; one that was known stays known by its handle when it no longer answers. */
  async #open(): Promise<ReadonlyMap<number, Board>> {
    const isNew = this.#boards === null;
    if (isNew) await tried(() => this.#nvml.call("nvmlInit_v2"));
    const boards = this.#boards ?? new Map<number, Board>();
    this.#boards = boards;
    const count = await tried(() => readUint(this.#nvml, "nvmlDeviceGetCount_v2"));
    for (let index = 0; index < count; index++) {
      if (boards.has(index)) continue;
      const board = await this.#identify(index);
      if (board !== null) boards.set(index, board);
    }
    return boards;
  }

  /** null for a board that can't be identified: the others are managed all the same, and it is tried again next time. */
  async #identify(index: number): Promise<Board | null> {
    try {
      const handle = await tried(() => readHandle(this.#nvml, "nvmlDeviceGetHandleByIndex_v2", index));
      return { handle, identity: await identifyBoard(this.#nvml, handle) };
    } catch (error) {
      if (error instanceof NvidiaError && error.remedy !== "reopen") return null;
      throw error;
    }
  }
}

const NOT_SUPPORTED = 3;
