import type { GpuSample } from "../records/index.ts";
import type { ObservedGpu } from "./actuators/actuator.ts";

/** What a GPU says of itself, as its entry in a telemetry record. */
export function gpuSample(gpu: ObservedGpu): GpuSample {
  return {
    uuid: gpu.uuid,
    model: gpu.model,
    smClockMhz: gpu.smClockMhz,
    lockedSmClockMhz: gpu.lockedSmClockMhz,
    powerWatts: gpu.powerWatts,
    energyMillijoules: gpu.energyMillijoules,
    utilization: gpu.utilization,
    temperatureCelsius: gpu.temperatureCelsius,
    healthy: gpu.healthy,
    tenants: [...gpu.tenants],
  };
}
