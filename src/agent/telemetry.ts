import type { GpuSample } from "../records/index.ts";
import type { ObservedGpu } from "./actuators/actuator.ts";

/** What a GPU says of itself, as its entry in a telemetry record. `overridden`: somebody else sets its clocks. */
export function gpuSample(gpu: ObservedGpu, overridden: boolean): GpuSample {
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
    overridden,
  };
}
