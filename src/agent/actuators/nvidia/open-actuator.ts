import { CarmError, type ErrorCode } from "../../../records/index.ts";
import { createSmiDriver } from "../nvidia-smi/smi-driver.ts";
import { createNvmlDriver } from "../nvml/nvml-driver.ts";
import type { NvidiaDriver } from "./driver.ts";
import { openLockRecord } from "./lock-record.ts";
import { createNvidiaActuator, type NvidiaActuator } from "./nvidia-actuator.ts";
import { type ProcessOwnerOptions, processOwner } from "./process-owner.ts";
import { tenantsBy } from "./tenants.ts";

/** How the driver is reached. `auto` takes NVML, and nvidia-smi where its library can't be loaded. */
export type GpuActuatorKind = "nvml" | "nvidia-smi" | "auto";

export const gpuActuatorKinds: readonly GpuActuatorKind[] = ["auto", "nvml", "nvidia-smi"];

export interface OpenGpuActuatorOptions extends ProcessOwnerOptions {
  readonly kind: GpuActuatorKind;
  /** Where the locks that were asked for are remembered: on a disk that outlasts the agent. */
  readonly lockFile: string;
  /** Instead of the system's own, for tests and for odd installations. */
  readonly nvmlLibrary?: string;
  readonly smiProgram?: string;
  readonly onProblem?: (uuid: string, error: CarmError) => void;
}

/** The GPUs of this node. Throws ERR_ACTUATOR_UNSUPPORTED if the driver can't be reached, with what was tried. */
export async function openGpuActuator(options: OpenGpuActuatorOptions): Promise<NvidiaActuator> {
  const { lockFile, onProblem } = options;
  const driver = await reachDriver(options);
  return createNvidiaActuator({
    driver,
    locks: await openLockRecord(lockFile),
    tenants: tenantsBy(processOwner(options)),
    ...(onProblem === undefined ? {} : { onProblem }),
  });
}

async function reachDriver(options: OpenGpuActuatorOptions): Promise<NvidiaDriver> {
  const { kind, nvmlLibrary, smiProgram } = options;
  const smi = () => createSmiDriver(smiProgram === undefined ? {} : { program: smiProgram });
  const nvml = () => createNvmlDriver(nvmlLibrary === undefined ? {} : { library: nvmlLibrary });
  if (kind === "nvml") return await answering(nvml());
  if (kind === "nvidia-smi") return await answering(smi());
  try {
    return await answering(nvml());
  } catch (byLibrary) {
    try {
      return await answering(smi());
    } catch (byCommand) {
      const message = `No NVIDIA driver answers. ${messageOf(byLibrary)} ${messageOf(byCommand)}`;
      const code: ErrorCode = "ERR_ACTUATOR_UNSUPPORTED";
      throw new CarmError(code, message, { cause: byLibrary });
    }
  }
}

/** A library that loads may still find no driver: asked once before it is chosen. */
async function answering(driver: NvidiaDriver): Promise<NvidiaDriver> {
  await driver.read();
  return driver;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
