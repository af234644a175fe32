import type { GpuModel } from "../../records/index.ts";

export const rtx4090: GpuModel = {
  model: "rtx-4090",
  minSmClockMhz: 210,
  maxSmClockMhz: 2730,
  smClockStepMhz: 15,
  idlePowerWatts: 20,
  powerLimitWatts: 450,
  evidence: "assumed",
  source:
    "Clock grid and idle power are commonly quoted, not read from a device; 2730 MHz is the highest sustained clock reported (hothardware.com). Read the grid with nvidia-smi -q -d SUPPORTED_CLOCKS.",
};

export const a100: GpuModel = {
  model: "a100",
  minSmClockMhz: 210,
  maxSmClockMhz: 1410,
  smClockStepMhz: 15,
  idlePowerWatts: 32,
  powerLimitWatts: 250,
  evidence: "measured",
  source: "A100-PCIe 40 GB; mertside/ai-inference-energy, hardware/INFO_A100.txt.",
};

export const h100: GpuModel = {
  model: "h100",
  minSmClockMhz: 345,
  maxSmClockMhz: 1785,
  smClockStepMhz: 15,
  idlePowerWatts: 61,
  powerLimitWatts: 400,
  evidence: "measured",
  source: "H100, 95.8 GB, 400 W; mertside/ai-inference-energy, hardware/INFO_H100.txt.",
};

export const v100: GpuModel = {
  model: "v100",
  minSmClockMhz: 135,
  maxSmClockMhz: 1380,
  smClockStepMhz: 15,
  idlePowerWatts: 23,
  powerLimitWatts: 250,
  evidence: "measured",
  source:
    "V100-PCIe; mertside/ai-inference-energy, hardware/INFO_V100.txt. The device steps by 7 or 8 MHz; this grid has every second clock.",
};
