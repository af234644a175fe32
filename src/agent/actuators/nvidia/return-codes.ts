import { CarmError, type ErrorCode } from "../../../records/index.ts";

/** What a caller can do about a return code. */
export type NvidiaRemedy =
  /** Grant a right; trying again changes nothing before that. */
  | "grant"
  /** Use another way, or do without. */
  | "fall-back"
  /** The board is gone: release what was set on it and report. */
  | "lost"
  /** Open the library again. */
  | "reopen"
  /** Try again at once, then later. */
  | "retry"
  /** The call itself is wrong, or the machine needs hands. */
  | "give-up";

export interface NvidiaCode {
  readonly name: string;
  readonly remedy: NvidiaRemedy;
  /** For people: what it means and what to do. */
  readonly advice: string;
}

const PERMISSION =
  "Clocks and power limits need root or CAP_SYS_ADMIN: run the node agent as root, or in Kubernetes with `privileged: true`.";

/** Every nvmlReturn_t (nvml.h of driver 580). */
const codes: ReadonlyMap<number, NvidiaCode> = new Map([
  [1, code("UNINITIALIZED", "reopen", "The library was shut down; it is opened again.")],
  [
    2,
    code("INVALID_ARGUMENT", "give-up", "The driver refuses this value; ask for a supported clock or limit."),
  ],
  [3, code("NOT_SUPPORTED", "fall-back", "This board can't do it.")],
  [4, code("NO_PERMISSION", "grant", PERMISSION)],
  [5, code("ALREADY_INITIALIZED", "retry", "The library is open already.")],
  [6, code("NOT_FOUND", "lost", "The driver does not know this board; see whether it was taken out.")],
  [7, code("INSUFFICIENT_SIZE", "retry", "The answer grew while it was read.")],
  [8, code("INSUFFICIENT_POWER", "lost", "The board lacks external power; check its cables.")],
  [9, code("DRIVER_NOT_LOADED", "reopen", "The NVIDIA driver is not loaded; load it (modprobe nvidia).")],
  [10, code("TIMEOUT", "retry", "The driver did not answer in time.")],
  [
    11,
    code(
      "IRQ_ISSUE",
      "lost",
      "The kernel has an interrupt problem with this board; see dmesg for Xid lines.",
    ),
  ],
  [12, code("LIBRARY_NOT_FOUND", "reopen", "A library of the driver is missing; reinstall the driver.")],
  [13, code("FUNCTION_NOT_FOUND", "fall-back", "This driver is too old for the call; update it.")],
  [
    14,
    code("CORRUPTED_INFOROM", "give-up", "The board's InfoROM is damaged; ask the vendor for a replacement."),
  ],
  [15, code("GPU_IS_LOST", "lost", "The board has fallen off the bus; see dmesg, then reset or replace it.")],
  [
    16,
    code("RESET_REQUIRED", "lost", "The board needs a reset: drain the node, then nvidia-smi --gpu-reset."),
  ],
  [17, code("OPERATING_SYSTEM", "grant", "The operating system or a container's limits blocked the call.")],
  [
    18,
    code(
      "LIB_RM_VERSION_MISMATCH",
      "reopen",
      "Library and kernel module differ; reload the driver or reboot.",
    ),
  ],
  [19, code("IN_USE", "retry", "Somebody else is using the board exclusively.")],
  [20, code("MEMORY", "retry", "The driver is out of memory.")],
  [21, code("NO_DATA", "fall-back", "There is no such figure at present.")],
  [22, code("VGPU_ECC_NOT_SUPPORTED", "give-up", "The virtual GPU can't do it with ECC on.")],
  [23, code("INSUFFICIENT_RESOURCES", "retry", "The driver lacks resources other than memory.")],
  [24, code("FREQ_NOT_SUPPORTED", "give-up", "The board does not have this clock; ask for a supported one.")],
  [
    25,
    code("ARGUMENT_VERSION_MISMATCH", "fall-back", "The driver expects another version of the structure."),
  ],
  [26, code("DEPRECATED", "fall-back", "This driver no longer has the call.")],
  [27, code("NOT_READY", "retry", "The board is not ready yet.")],
  [28, code("GPU_NOT_FOUND", "lost", "No board was found.")],
  [29, code("INVALID_STATE", "give-up", "The board is not in a state that allows it.")],
  [30, code("RESET_TYPE_NOT_SUPPORTED", "give-up", "The board can't be reset that way.")],
  [999, code("UNKNOWN", "retry", "The driver gives no reason; see dmesg for Xid lines.")],
]);

function code(name: string, remedy: NvidiaRemedy, advice: string): NvidiaCode {
  return { name, remedy, advice };
}

/** What a return code means; codes of newer drivers count as UNKNOWN. */
export function nvidiaCode(value: number): NvidiaCode {
  return codes.get(value) ?? { ...codes.get(999)!, name: `code ${value}` };
}

const errorOf: Record<NvidiaRemedy, ErrorCode> = {
  grant: "ERR_ACTUATOR_DENIED",
  "fall-back": "ERR_ACTUATOR_UNSUPPORTED",
  lost: "ERR_GPU_LOST",
  reopen: "ERR_ACTUATOR_FAILED",
  retry: "ERR_ACTUATOR_FAILED",
  "give-up": "ERR_ACTUATOR_FAILED",
};

/** A call of NVML, or a run of nvidia-smi, which exits with the same codes, that failed. The message says what to do. */
export class NvidiaError extends CarmError {
  readonly remedy: NvidiaRemedy;
  /** For example `NOT_SUPPORTED`. */
  readonly codeName: string;

  constructor(call: string, value: number) {
    const { name, remedy, advice } = nvidiaCode(value);
    super(errorOf[remedy], `${call} answered ${name}. ${advice}`);
    this.remedy = remedy;
    this.codeName = name;
  }
}
