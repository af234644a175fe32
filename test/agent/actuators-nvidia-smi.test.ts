import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLockRecord } from "../../src/agent/actuators/nvidia/lock-record.ts";
import { createNvidiaActuator } from "../../src/agent/actuators/nvidia/nvidia-actuator.ts";
import { openGpuActuator } from "../../src/agent/actuators/nvidia/open-actuator.ts";
import { createSmiDriver } from "../../src/agent/actuators/nvidia-smi/smi-driver.ts";
import type { CarmError } from "../../src/records/index.ts";
import { createNvmlStandIn, createSmiStandIn } from "../support/nvml/stand-in.ts";
import { describeGpuActuator } from "./actuator-conformance.ts";

const newFile = () => join(mkdtempSync(join(tmpdir(), "carm-locks-")), "locks.json");

async function machine() {
  const standIn = createSmiStandIn();
  const driver = createSmiDriver({ program: standIn.path });
  const locks = await openLockRecord(newFile());
  const tenants = async () => [];
  const actuator = createNvidiaActuator({ driver, locks, tenants, settleMs: 0 });
  const board = async (index = 0) => (await actuator.observe())[index]!;
  return { standIn, driver, actuator, board };
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: CarmError) => error.code,
  );

const uuid = "GPU-stand-in-0";

describeGpuActuator("GPUs through nvidia-smi", async () => {
  const { actuator } = await machine();
  return { actuator, settle: async () => undefined };
});

describe("nvidia-smi", () => {
  test("a board is read in the units of the records, whatever the driver calls its fields", async () => {
    const { standIn, board } = await machine();
    standIn.set(0, "busy", 1);
    expect(await board()).toMatchObject({
      uuid,
      model: "h100",
      smClockMhz: 1980,
      powerWatts: 690,
      utilization: 0.97,
    });
  });

  test("a refusal that it calls a warning and ends with 0 is a refusal", async () => {
    const { standIn, actuator, board } = await machine();
    standIn.fail("nvmlDeviceSetGpuLockedClocks", 0, 3);
    expect(await code(actuator.lockSmClock(uuid, 930))).toBe("ERR_ACTUATOR_UNSUPPORTED");
    expect((await board()).lockedSmClockMhz).toBeNull();
  });

  test("want of rights says what to grant", async () => {
    const { standIn, actuator } = await machine();
    standIn.fail("nvmlDeviceSetGpuLockedClocks", 0, 4);
    await expect(actuator.lockSmClock(uuid, 930)).rejects.toThrow(/CAP_SYS_ADMIN/);
  });

  test("one lost board makes the command fail; the others are read all the same", async () => {
    const { standIn, actuator } = await machine();
    await actuator.observe();
    standIn.set(1, "lost", 1);
    expect((await actuator.observe()).map(({ healthy }) => healthy)).toEqual([true, false, true, true]);
  });

  test("a clock held down by power is overruled, and the lock stays ours", async () => {
    const { standIn, actuator, board } = await machine();
    standIn.set(0, "busy", 1);
    await actuator.lockSmClock(uuid, 1560);
    standIn.set(0, "cap", 900);
    standIn.set(0, "reasons", 4);
    expect(await board()).toMatchObject({ lockedSmClockMhz: 1560, overruledBy: "power" });
  });

  test("memory clocks and power limits are set and put back", async () => {
    const { standIn, driver } = await machine();
    await driver.lockMemoryClockLow(uuid);
    await driver.setPowerLimit(uuid, 300);
    expect([standIn.get(0, "memory_lock"), standIn.get(0, "limit_mw")]).toEqual([1593, 300_000]);
    expect(await code(driver.setPowerLimit(uuid, 100))).toBe("ERR_ACTUATOR_FAILED");
    await driver.resetMemoryClock(uuid);
    await driver.setPowerLimit(uuid, null);
    expect([standIn.get(0, "memory_lock"), standIn.get(0, "limit_mw")]).toEqual([0, 700_000]);
  });
});

describe("the way to the driver", () => {
  const nowhere = { nvmlLibrary: "/nowhere/libnvidia-ml.so.1", smiProgram: "/nowhere/nvidia-smi" };

  test("is the library where it loads, and nvidia-smi where it does not", async () => {
    const kind = "auto" as const;
    const [library, program] = [createNvmlStandIn(), createSmiStandIn()];
    library.set(0, "busy", 1);
    const ways = { kind, nvmlLibrary: library.path, smiProgram: program.path };
    const both = await openGpuActuator({ ...ways, lockFile: newFile() });
    expect((await both.observe())[0]!.smClockMhz).toBe(1980);
    const one = await openGpuActuator({ ...ways, nvmlLibrary: nowhere.nvmlLibrary, lockFile: newFile() });
    expect((await one.observe())[0]!.smClockMhz).toBe(210);
  });

  test("if there is none, what was tried is said", async () => {
    const opened = openGpuActuator({ kind: "auto", ...nowhere, lockFile: newFile() });
    await expect(opened).rejects.toThrow(/libnvidia-ml.*nvidia-smi can't be run/);
  });
});
