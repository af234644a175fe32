import { clockLimits } from "../nvidia/clock-reasons.ts";
import type { BoardReading, ClockLimit, GpuProcess } from "../nvidia/driver.ts";
import { NvidiaError } from "../nvidia/return-codes.ts";
import type { NvmlHandle, NvmlLibrary } from "./nvml-library.ts";
import { ifSupported, readHandle, readList, readText, readUint, readUlong, tried } from "./nvml-read.ts";

const SM_CLOCK = 1;
const CORE_TEMPERATURE = 0;
const CLOCKS_MAX = 1024;
const PROCESSES_MAX = 1024;
/** nvmlProcessInfo_t: pid, padding, memory, GPU instance, compute instance. */
const PROCESS_BYTES = 24;
const NO_INSTANCE = 0xffffffff;
/** nvmlDeviceAttributes_t: multiprocessors, five engine counts, GPU instance slices, compute slices, memory. */
const ATTRIBUTES_BYTES = 40;
const INSTANCE_SLICES_AT = 24;
/** A board has seven GPU instance slices. */
const SLICES = 7;

/** What never changes about a board. */
export interface BoardIdentity {
  readonly uuid: string;
  readonly name: string;
  readonly memoryClocksMhz: readonly number[];
  readonly supportedSmClocksMhz: readonly number[];
  readonly defaultSmClockMhz: number | null;
}

/** Throws NvidiaError. */
export async function identifyBoard(nvml: NvmlLibrary, board: NvmlHandle): Promise<BoardIdentity> {
  const uuid = await tried(() => readText(nvml, "nvmlDeviceGetUUID", board));
  const name = await tried(() => readText(nvml, "nvmlDeviceGetName", board));
  const clock = { bytes: 4, max: CLOCKS_MAX };
  const memory = await ifSupported(() =>
    readList(nvml, "nvmlDeviceGetSupportedMemoryClocks", [board], clock),
  );
  const memoryClocksMhz = rising(memory);
  const highest = memoryClocksMhz.at(-1);
  const graphics =
    highest === undefined
      ? null
      : await ifSupported(() =>
          readList(nvml, "nvmlDeviceGetSupportedGraphicsClocks", [board, highest], clock),
        );
  const defaultSmClockMhz = await ifSupported(() =>
    readUint(nvml, "nvmlDeviceGetDefaultApplicationsClock", board, SM_CLOCK),
  );
  return { uuid, name, memoryClocksMhz, supportedSmClocksMhz: rising(graphics), defaultSmClockMhz };
}

/** What a board says now. Throws NvidiaError if it lacks even a clock, power or temperature. */
export async function readBoard(
  nvml: NvmlLibrary,
  board: NvmlHandle,
  identity: BoardIdentity,
): Promise<BoardReading> {
  const { uuid, name, supportedSmClocksMhz, defaultSmClockMhz } = identity;
  const smClockMhz = await tried(() => readUint(nvml, "nvmlDeviceGetClockInfo", board, SM_CLOCK));
  const powerMilliwatts = await tried(() => readUint(nvml, "nvmlDeviceGetPowerUsage", board));
  const temperatureCelsius = await tried(() =>
    readUint(nvml, "nvmlDeviceGetTemperature", board, CORE_TEMPERATURE),
  );
  const energy = await ifSupported(() => readUlong(nvml, "nvmlDeviceGetTotalEnergyConsumption", board));
  const instances = await readInstances(nvml, board);
  return {
    uuid,
    name,
    supportedSmClocksMhz,
    defaultSmClockMhz,
    smClockMhz,
    powerWatts: powerMilliwatts / 1_000,
    energyMillijoules: energy === null ? null : Number(energy),
    utilization: await readUtilization(nvml, board),
    temperatureCelsius,
    limits: await readLimits(nvml, board),
    processes: await readProcesses(nvml, board),
    instances,
  };
}

/** 0 to 1; boards in MIG mode have no figure, so that one with work counts as busy. */
async function readUtilization(nvml: NvmlLibrary, board: NvmlHandle): Promise<number> {
  const rates = Buffer.alloc(8);
  const found = await ifSupported(async () => {
    await nvml.call("nvmlDeviceGetUtilizationRates", board, rates);
    return rates.readUInt32LE() / 100;
  });
  return Math.min(1, found ?? 1);
}

async function readLimits(nvml: NvmlLibrary, board: NvmlHandle): Promise<ReadonlySet<ClockLimit>> {
  const reasons =
    (await ifSupported(() => readUlong(nvml, "nvmlDeviceGetCurrentClocksEventReasons", board))) ??
    (await ifSupported(() => readUlong(nvml, "nvmlDeviceGetCurrentClocksThrottleReasons", board)));
  return clockLimits(reasons ?? 0n);
}

async function readProcesses(nvml: NvmlLibrary, board: NvmlHandle): Promise<readonly GpuProcess[]> {
  const entry = { bytes: PROCESS_BYTES, max: PROCESSES_MAX };
  const found =
    (await ifSupported(() => readList(nvml, "nvmlDeviceGetComputeRunningProcesses_v3", [board], entry))) ??
    (await ifSupported(() => readList(nvml, "nvmlDeviceGetComputeRunningProcesses_v2", [board], entry)));
  return (found ?? []).map((bytes) => {
    const instance = bytes.readUInt32LE(16);
    return { pid: bytes.readUInt32LE(), gpuInstance: instance === NO_INSTANCE ? null : instance };
  });
}

async function readInstances(nvml: NvmlLibrary, board: NvmlHandle): Promise<ReadonlyMap<number, number>> {
  const instances = new Map<number, number>();
  const mode = Buffer.alloc(4);
  const isMig = await ifSupported(async () => {
    await nvml.call("nvmlDeviceGetMigMode", board, mode, Buffer.alloc(4));
    return mode.readUInt32LE() === 1;
  });
  if (!isMig) return instances;
  const max = await tried(() => readUint(nvml, "nvmlDeviceGetMaxMigDeviceCount", board));
  for (let index = 0; index < max; index++) {
    const device = await migDevice(nvml, board, index);
    if (device === null) continue;
    const instance = await tried(() => readUint(nvml, "nvmlDeviceGetGpuInstanceId", device));
    const attributes = Buffer.alloc(ATTRIBUTES_BYTES);
    await tried(() => nvml.call("nvmlDeviceGetAttributes_v2", device, attributes));
    instances.set(instance, attributes.readUInt32LE(INSTANCE_SLICES_AT) / SLICES);
  }
  return instances;
}

/** null for a place without an instance. */
async function migDevice(nvml: NvmlLibrary, board: NvmlHandle, index: number): Promise<NvmlHandle | null> {
  try {
    return await tried(() => readHandle(nvml, "nvmlDeviceGetMigDeviceHandleByIndex", board, index));
  } catch (error) {
    if (error instanceof NvidiaError && error.codeName === "NOT_FOUND") return null;
    throw error;
  }
}

function rising(entries: readonly Buffer[] | null): readonly number[] {
  return [...new Set((entries ?? []).map((bytes) => bytes.readUInt32LE()))].sort((a, b) => a - b);
}
