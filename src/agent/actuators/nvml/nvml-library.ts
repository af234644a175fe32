import koffi from "koffi";
import { CarmError } from "../../../records/index.ts";
import { NvidiaError } from "../nvidia/return-codes.ts";

/** A board or a MIG instance, as the library names it. Good until the library is opened again. */
export type NvmlHandle = bigint | number;

type Argument = NvmlHandle | Buffer;

/** The C functions of libnvidia-ml.so.1 that are used. Handles are pointers; whatever is answered goes into a buffer. */
const prototypes = {
  nvmlInit_v2: [],
  nvmlShutdown: [],
  nvmlDeviceGetCount_v2: ["void *"],
  nvmlDeviceGetHandleByIndex_v2: ["uint32_t", "void *"],
  nvmlDeviceGetUUID: ["uintptr_t", "void *", "uint32_t"],
  nvmlDeviceGetName: ["uintptr_t", "void *", "uint32_t"],
  nvmlDeviceGetSupportedMemoryClocks: ["uintptr_t", "void *", "void *"],
  nvmlDeviceGetSupportedGraphicsClocks: ["uintptr_t", "uint32_t", "void *", "void *"],
  nvmlDeviceGetClockInfo: ["uintptr_t", "int", "void *"],
  nvmlDeviceGetDefaultApplicationsClock: ["uintptr_t", "int", "void *"],
  nvmlDeviceGetPowerUsage: ["uintptr_t", "void *"],
  nvmlDeviceGetTotalEnergyConsumption: ["uintptr_t", "void *"],
  nvmlDeviceGetUtilizationRates: ["uintptr_t", "void *"],
  nvmlDeviceGetTemperature: ["uintptr_t", "int", "void *"],
  nvmlDeviceGetCurrentClocksEventReasons: ["uintptr_t", "void *"],
  nvmlDeviceGetCurrentClocksThrottleReasons: ["uintptr_t", "void *"],
  nvmlDeviceGetComputeRunningProcesses_v3: ["uintptr_t", "void *", "void *"],
  nvmlDeviceGetComputeRunningProcesses_v2: ["uintptr_t", "void *", "void *"],
  nvmlDeviceGetMigMode: ["uintptr_t", "void *", "void *"],
  nvmlDeviceGetMaxMigDeviceCount: ["uintptr_t", "void *"],
  nvmlDeviceGetMigDeviceHandleByIndex: ["uintptr_t", "uint32_t", "void *"],
  nvmlDeviceGetGpuInstanceId: ["uintptr_t", "void *"],
  nvmlDeviceGetAttributes_v2: ["uintptr_t", "void *"],
  nvmlDeviceSetGpuLockedClocks: ["uintptr_t", "uint32_t", "uint32_t"],
  nvmlDeviceResetGpuLockedClocks: ["uintptr_t"],
  nvmlDeviceSetApplicationsClocks: ["uintptr_t", "uint32_t", "uint32_t"],
  nvmlDeviceResetApplicationsClocks: ["uintptr_t"],
  nvmlDeviceSetMemoryLockedClocks: ["uintptr_t", "uint32_t", "uint32_t"],
  nvmlDeviceResetMemoryLockedClocks: ["uintptr_t"],
  nvmlDeviceGetPowerManagementLimitConstraints: ["uintptr_t", "void *", "void *"],
  nvmlDeviceGetPowerManagementDefaultLimit: ["uintptr_t", "void *"],
  nvmlDeviceSetPowerManagementLimit: ["uintptr_t", "uint32_t"],
} satisfies Record<string, readonly string[]>;

export type NvmlCall = keyof typeof prototypes;

/** FUNCTION_NOT_FOUND: also what a library says that lacks the symbol. */
const FUNCTION_NOT_FOUND = 13;

/** NVML as loaded into this process. Calls run outside the event loop. */
export interface NvmlLibrary {
  /** Throws NvidiaError for any answer but success, ERR_ACTUATOR_FAILED if there is none in time. */
  call(name: NvmlCall, ...args: readonly Argument[]): Promise<void>;
}

/** Throws ERR_ACTUATOR_UNSUPPORTED if there is no such library. */
export function loadNvml(path: string, callTimeoutMs: number): NvmlLibrary {
  let library: ReturnType<typeof koffi.load>;
  try {
    library = koffi.load(path);
  } catch (cause) {
    const message = `${path} can't be loaded; is the NVIDIA driver installed, and in a container, its libraries mounted?`;
    throw new CarmError("ERR_ACTUATOR_UNSUPPORTED", message, { cause });
  }
  return new KoffiNvml(library, callTimeoutMs);
}

type Native = { async(...args: unknown[]): void };

class KoffiNvml implements NvmlLibrary {
  readonly #library: ReturnType<typeof koffi.load>;
  readonly #callTimeoutMs: number;
  readonly #functions = new Map<NvmlCall, Native | null>();
  /** Handles with a call that never came back: asking again would only take another thread. */
  readonly #stuck = new Set<Argument | NvmlCall>();

  constructor(library: ReturnType<typeof koffi.load>, callTimeoutMs: number) {
    this.#library = library;
    this.#callTimeoutMs = callTimeoutMs;
  }

  async call(name: NvmlCall, ...args: readonly Argument[]): Promise<void> {
    const native = this.#function(name);
    const code = native === null ? FUNCTION_NOT_FOUND : await this.#run(name, native, args);
    if (code !== 0) throw new NvidiaError(name, code);
  }

  #run(name: NvmlCall, native: Native, args: readonly Argument[]): Promise<number> {
    const subject = args[0] ?? name;
    const noAnswer = () =>
      new CarmError(
        "ERR_ACTUATOR_FAILED",
        `${name} did not answer within ${this.#callTimeoutMs} ms; see dmesg for what the driver waits for.`,
      );
    if (this.#stuck.has(subject)) return Promise.reject(noAnswer());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#stuck.add(subject);
        reject(noAnswer());
      }, this.#callTimeoutMs);
      native.async(...args, (error: Error | null, code: number) => {
        clearTimeout(timer);
        this.#stuck.delete(subject);
        if (error === null) resolve(code);
        else reject(error);
      });
    });
  }

  #function(name: NvmlCall): Native | null {
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    let found: Native | null = null;
    try {
      found = this.#library.func(name, "int", [...prototypes[name]]) as unknown as Native;
    } catch {
      // Older drivers lack newer functions; the caller falls back as if the driver had said so.
    }
    this.#functions.set(name, found);
    return found;
  }
}
