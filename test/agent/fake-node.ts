import type { GpuActuator, ObservedGpu } from "../../src/agent/index.ts";
import { CarmError, type Tenant } from "../../src/records/index.ts";

export const CLOCKS_MHZ: readonly number[] = [210, 600, 900, 1200, 1500, 1800, 2100];

/** One board of a fake node: everything may be changed by the test, as somebody else's hand would. */
export interface FakeGpu {
  readonly uuid: string;
  lockMhz: number | null;
  tenants: Tenant[];
  healthy: boolean;
  present: boolean;
  clocksMhz: readonly number[];
  /** Thrown by the next changes. */
  failure: Error | null;
  /** Turns a lock asked for into the one that is set; the device's own opinion. */
  choose: (askedMhz: number | null, nowMhz: number | null) => number | null;
}

export interface Ask {
  readonly uuid: string;
  readonly lockMhz: number | null;
}

/** GPUs in memory. Keeps a journal of what it was asked. */
export class FakeNode implements GpuActuator {
  readonly gpus: FakeGpu[];
  readonly journal: Ask[] = [];
  observing: Error | null = null;

  constructor(gpus = 2) {
    this.gpus = Array.from({ length: gpus }, (_, i) => ({
      uuid: `GPU-${i}`,
      lockMhz: null,
      tenants: [],
      healthy: true,
      present: true,
      clocksMhz: CLOCKS_MHZ,
      failure: null,
      choose: (asked) => asked,
    }));
  }

  async observe(): Promise<readonly ObservedGpu[]> {
    if (this.observing !== null) throw this.observing;
    return this.gpus.filter((gpu) => gpu.present).map(observed);
  }

  async lockSmClock(uuid: string, smClockMhz: number): Promise<void> {
    const gpu = this.#ask(uuid, smClockMhz);
    if (!gpu.clocksMhz.includes(smClockMhz)) {
      throw new CarmError("ERR_ACTUATOR_FAILED", `${smClockMhz} MHz is not supported.`);
    }
    gpu.lockMhz = gpu.choose(smClockMhz, gpu.lockMhz);
  }

  async resetSmClock(uuid: string): Promise<void> {
    const gpu = this.#ask(uuid, null);
    gpu.lockMhz = gpu.choose(null, gpu.lockMhz);
  }

  #ask(uuid: string, lockMhz: number | null): FakeGpu {
    this.journal.push({ uuid, lockMhz });
    const gpu = this.gpus.find((candidate) => candidate.uuid === uuid && candidate.present);
    if (gpu === undefined) throw new CarmError("ERR_ACTUATOR_FAILED", `There is no ${uuid}.`);
    if (!gpu.healthy) throw new CarmError("ERR_GPU_LOST", `${uuid} does not answer.`);
    if (gpu.failure !== null) throw gpu.failure;
    return gpu;
  }
}

function observed(gpu: FakeGpu): ObservedGpu {
  return {
    uuid: gpu.uuid,
    model: "rtx-4090",
    supportedSmClocksMhz: gpu.clocksMhz,
    smClockMhz: gpu.lockMhz ?? 210,
    lockedSmClockMhz: gpu.lockMhz,
    powerWatts: 100,
    energyMillijoules: 1000,
    utilization: 0.5,
    temperatureCelsius: 50,
    healthy: gpu.healthy,
    tenants: gpu.tenants,
  };
}

export function job(id: string): Tenant {
  return { kind: "job", id, share: 1 };
}

export function service(id: string): Tenant {
  return { kind: "service", id, share: 1 };
}
