import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLockRecord } from "../../src/agent/actuators/nvidia/lock-record.ts";
import { createNvidiaActuator } from "../../src/agent/actuators/nvidia/nvidia-actuator.ts";
import { nvidiaCode } from "../../src/agent/actuators/nvidia/return-codes.ts";
import { tenantsBy } from "../../src/agent/actuators/nvidia/tenants.ts";
import { createNvmlDriver } from "../../src/agent/actuators/nvml/nvml-driver.ts";
import { createManualClock } from "../../src/agent/index.ts";
import type { CarmError } from "../../src/records/index.ts";
import { createNvmlStandIn, type StandIn } from "../support/nvml/stand-in.ts";
import { describeGpuActuator } from "./actuator-conformance.ts";

const owners = new Map([
  [11, { kind: "job", id: "a" }],
  [12, { kind: "job", id: "a" }],
  [13, { kind: "service", id: "s" }],
] as const);

async function machine(
  standIn: StandIn = createNvmlStandIn(),
  recordFile = newFile(),
  callTimeoutMs = 30_000,
) {
  const clock = createManualClock(0);
  const problems: string[] = [];
  const actuator = createNvidiaActuator({
    driver: createNvmlDriver({ library: standIn.path, callTimeoutMs }),
    locks: await openLockRecord(recordFile),
    tenants: tenantsBy(async (pid) => owners.get(pid as 11) ?? null),
    clock,
    settleMs: 0,
    onProblem: (uuid, error) => problems.push(`${uuid} ${error.code}`),
  });
  const board = async (index = 0) => (await actuator.observe())[index]!;
  return { standIn, actuator, clock, problems, board, recordFile };
}

function newFile(): string {
  return join(mkdtempSync(join(tmpdir(), "carm-locks-")), "locks.json");
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: CarmError) => error.code,
  );

const uuid = "GPU-stand-in-0";

describeGpuActuator("GPUs through NVML", async () => {
  const { actuator } = await machine();
  return { actuator, settle: async () => undefined };
});

describe("NVML", () => {
  test("a board is read in the units of the records", async () => {
    const { standIn, board } = await machine();
    standIn.set(0, "busy", 1);
    const gpu = await board();
    expect(gpu).toMatchObject({ uuid, model: "h100", smClockMhz: 1980, powerWatts: 690, utilization: 0.97 });
    expect(gpu.supportedSmClocksMhz.at(-1)).toBe(1980);
    expect(gpu.energyMillijoules).toBeGreaterThanOrEqual(1_000_000);
  });

  test("every return code has a meaning and an advice", () => {
    for (const value of [...Array.from({ length: 30 }, (_, i) => i + 1), 999]) {
      expect(nvidiaCode(value).name).not.toMatch(/^code/);
      expect(nvidiaCode(value).advice).toMatch(/\.$/);
    }
    expect(nvidiaCode(77)).toMatchObject({ name: "code 77", remedy: "retry" });
  });

  test.each([
    [4, "ERR_ACTUATOR_DENIED"],
    [17, "ERR_ACTUATOR_DENIED"],
    [2, "ERR_ACTUATOR_FAILED"],
    [15, "ERR_GPU_LOST"],
    [16, "ERR_GPU_LOST"],
    [24, "ERR_ACTUATOR_FAILED"],
    [999, "ERR_ACTUATOR_FAILED"],
  ])("a lock that is answered with code %i fails with %s and is not in force", async (value, expected) => {
    const { standIn, actuator, board } = await machine();
    standIn.fail("nvmlDeviceSetGpuLockedClocks", 0, value);
    expect(await code(actuator.lockSmClock(uuid, 900))).toBe(expected);
    expect(standIn.get(0, "lock")).toBe(0);
    if (expected === "ERR_ACTUATOR_DENIED") expect((await board()).lockedSmClockMhz).toBeNull();
  });

  test("a refusal for want of rights says what to grant", async () => {
    const { standIn, actuator } = await machine();
    standIn.fail("nvmlDeviceSetGpuLockedClocks", 0, 4);
    await expect(actuator.lockSmClock(uuid, 900)).rejects.toThrow(/CAP_SYS_ADMIN/);
  });

  test("a passing trouble is tried again at once", async () => {
    const { standIn, actuator, board } = await machine();
    standIn.fail("nvmlDeviceSetGpuLockedClocks", 0, 10, 2);
    standIn.fail("nvmlDeviceGetPowerUsage", 0, 999, 2);
    await actuator.lockSmClock(uuid, 900);
    expect(await board()).toMatchObject({ healthy: true, lockedSmClockMhz: 900 });
  });

  test("a board without clock locks gets applications clocks", async () => {
    const { standIn, actuator } = await machine();
    standIn.fail("nvmlDeviceSetGpuLockedClocks", 0, 3);
    standIn.fail("nvmlDeviceResetGpuLockedClocks", 0, 3);
    await actuator.lockSmClock(uuid, 900);
    expect(standIn.get(0, "applications")).toBe(900);
    await actuator.resetSmClock(uuid);
    expect(standIn.get(0, "applications")).toBe(0);
  });

  test("a lost board is reported with what was last known, and the others go on", async () => {
    const { standIn, actuator, board, problems } = await machine();
    await actuator.lockSmClock(uuid, 900);
    await board();
    standIn.set(0, "lost", 1);
    for (let i = 0; i < 2; i++) {
      const [lost, other] = await actuator.observe();
      expect(lost).toMatchObject({ uuid, healthy: false, model: "h100" });
      expect(other).toMatchObject({ healthy: true });
    }
    expect(problems).toEqual([`${uuid} ERR_GPU_LOST`]);
    expect(await code(actuator.resetSmClock(uuid))).toBe("ERR_GPU_LOST");
  });

  test("a driver that was reloaded is opened again; its locks are gone and that is seen", async () => {
    const { standIn, actuator, clock, recordFile } = await machine();
    standIn.set(0, "busy", 1);
    await actuator.lockSmClock(uuid, 900);
    standIn.reloadDriver();
    const later = await machine(standIn, recordFile);
    expect((await later.board()).lockedSmClockMhz).toBeNull();
    clock.advanceTo(10_000);
    expect((await actuator.observe())[0]).toMatchObject({ healthy: true });
  });

  test("a lock left by a killed process is known to the next one", async () => {
    const { standIn, actuator, recordFile } = await machine();
    await actuator.lockSmClock(uuid, 900);
    const next = await machine(standIn, recordFile);
    expect((await next.board()).lockedSmClockMhz).toBe(900);
    await next.actuator.resetSmClock(uuid);
    expect(standIn.get(0, "lock")).toBe(0);
    expect((await next.board()).lockedSmClockMhz).toBeNull();
  });

  test.each([
    [0x4, "power"],
    [0x40, "heat"],
    [0x8, "hardware"],
  ])(
    "a clock held below its lock with reason %i is overruled by %s, and the lock stays ours",
    async (bit, by) => {
      const { standIn, actuator, board } = await machine();
      standIn.set(0, "busy", 1);
      await actuator.lockSmClock(uuid, 1500);
      expect((await board()).overruledBy).toBeUndefined();
      standIn.set(0, "cap", 900);
      standIn.set(0, "reasons", bit);
      expect(await board()).toMatchObject({ lockedSmClockMhz: 1500, smClockMhz: 900, overruledBy: by });
    },
  );

  test("a board that makes another clock of a lock is read back with that clock", async () => {
    const { standIn, actuator, board } = await machine();
    standIn.set(0, "busy", 1);
    standIn.set(0, "clamp_low", 1200);
    await actuator.lockSmClock(uuid, 900);
    expect((await board()).lockedSmClockMhz).toBe(1200);
  });

  test.each([600, 1800])(
    "a lock of %i MHz set by somebody else is seen on a busy board",
    async (foreignMhz) => {
      const { standIn, actuator, board } = await machine();
      standIn.set(0, "busy", 1);
      await actuator.lockSmClock(uuid, 1200);
      standIn.set(0, "lock", foreignMhz);
      await board();
      expect((await board()).lockedSmClockMhz).toBe(foreignMhz);
    },
  );

  test("an idle board below its lock is nobody's doing", async () => {
    const { standIn, actuator, board } = await machine();
    await actuator.lockSmClock(uuid, 1200);
    standIn.set(0, "cap", 210);
    await board();
    expect((await board()).lockedSmClockMhz).toBe(1200);
  });

  test("a driver that hangs costs one call's patience, and its board counts as not answering", async () => {
    const { standIn, actuator } = await machine(createNvmlStandIn(), newFile(), 1_000);
    await actuator.observe();
    standIn.set(1, "slow_ms", 4_000);
    const [first, slow] = await actuator.observe();
    expect([first!.healthy, slow!.healthy]).toEqual([true, false]);
  });

  test("energy of a board without a counter is its power over time", async () => {
    const { standIn, board, clock } = await machine();
    standIn.set(0, "no_energy", 1);
    await board();
    clock.advanceTo(10_000);
    expect((await board()).energyMillijoules).toBe(700_000);
  });

  test("tenants are who owns the processes, by even share; unknown ones are said to be so", async () => {
    const { standIn, board } = await machine();
    for (const pid of [11, 12, 13, 99]) standIn.addProcess(0, pid);
    expect((await board()).tenants).toEqual([
      { kind: "job", id: "a", share: 1 / 3 },
      { kind: "service", id: "s", share: 1 / 3 },
      { kind: "unknown", id: "", share: 1 / 3 },
    ]);
  });

  test("tenants of MIG instances have the share of their instances", async () => {
    const { standIn, board } = await machine();
    standIn.set(0, "mig", 2);
    standIn.addProcess(0, 11, 7);
    standIn.addProcess(0, 13, 8);
    const gpu = await board();
    expect(gpu.tenants).toEqual([
      { kind: "job", id: "a", share: 3 / 7 },
      { kind: "service", id: "s", share: 2 / 7 },
    ]);
  });

  test("memory clocks and power limits are set within what the board allows and put back", async () => {
    const { standIn } = await machine();
    const driver = createNvmlDriver({ library: standIn.path });
    await driver.lockMemoryClockLow(uuid);
    await driver.setPowerLimit(uuid, 300);
    expect([standIn.get(0, "memory_lock"), standIn.get(0, "limit_mw")]).toEqual([1593, 300_000]);
    expect(await code(driver.setPowerLimit(uuid, 100))).toBe("ERR_ACTUATOR_FAILED");
    await driver.resetMemoryClock(uuid);
    await driver.setPowerLimit(uuid, null);
    expect([standIn.get(0, "memory_lock"), standIn.get(0, "limit_mw")]).toEqual([0, 700_000]);
  });

  test("a library that is not there is said so", () => {
    expect(() => createNvmlDriver({ library: "/nowhere/libnvidia-ml.so.1" })).toThrow(/driver installed/);
  });
});
