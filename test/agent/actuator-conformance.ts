import { beforeEach, describe, expect, test } from "vitest";
import type { GpuActuator, ObservedGpu, ObservedWorkload, SchedulerActuator } from "../../src/agent/index.ts";
import { CarmError } from "../../src/records/index.ts";

/** A node with at least two GPUs, none of them locked. */
export interface GpuSubject {
  readonly actuator: GpuActuator;
  /** Waits until what was asked for has taken effect. */
  settle(): Promise<void>;
}

/** What every adapter of the GPU port promises. */
export function describeGpuActuator(name: string, factory: () => Promise<GpuSubject>): void {
  describe(name, () => {
    let subject: GpuSubject;
    beforeEach(async () => {
      subject = await factory();
    });

    async function gpuAt(index: number): Promise<ObservedGpu> {
      const gpu = (await subject.actuator.observe())[index];
      expect(gpu).toBeDefined();
      return gpu!;
    }

    async function lock(gpu: ObservedGpu, smClockMhz: number): Promise<number | null> {
      await subject.actuator.lockSmClock(gpu.uuid, smClockMhz);
      await subject.settle();
      return lockOf(gpu.uuid);
    }

    async function lockOf(uuid: string): Promise<number | null> {
      return (await subject.actuator.observe()).find((gpu) => gpu.uuid === uuid)!.lockedSmClockMhz;
    }

    test("every GPU has a name of its own, rising clocks, and figures that can be true", async () => {
      const gpus = await subject.actuator.observe();
      expect(gpus.length).toBeGreaterThanOrEqual(2);
      expect(new Set(gpus.map((gpu) => gpu.uuid)).size).toBe(gpus.length);
      for (const gpu of gpus) {
        const clocks = gpu.supportedSmClocksMhz;
        expect(clocks.length).toBeGreaterThan(1);
        expect(clocks).toEqual([...new Set(clocks)].sort((a, b) => a - b));
        expect(gpu.lockedSmClockMhz).toBeNull();
        expect(gpu.powerWatts).toBeGreaterThanOrEqual(0);
        expect(Number.isSafeInteger(gpu.energyMillijoules)).toBe(true);
        expect(gpu.utilization).toBeGreaterThanOrEqual(0);
        expect(gpu.utilization).toBeLessThanOrEqual(1);
      }
    });

    test("every supported clock can be locked and is read back", async () => {
      const gpu = await gpuAt(0);
      for (const clock of gpu.supportedSmClocksMhz) expect(await lock(gpu, clock)).toBe(clock);
    });

    test("locking twice is harmless", async () => {
      const gpu = await gpuAt(0);
      const clock = gpu.supportedSmClocksMhz[1]!;
      await lock(gpu, clock);
      expect(await lock(gpu, clock)).toBe(clock);
    });

    test("a lock is of one GPU alone", async () => {
      const other = await gpuAt(1);
      await lock(await gpuAt(0), (await gpuAt(0)).supportedSmClocksMhz[0]!);
      expect(await lockOf(other.uuid)).toBeNull();
    });

    test("a reset ends the lock, and a second one is harmless", async () => {
      const gpu = await gpuAt(0);
      await lock(gpu, gpu.supportedSmClocksMhz[0]!);
      for (let i = 0; i < 2; i++) {
        await subject.actuator.resetSmClock(gpu.uuid);
        await subject.settle();
        expect(await lockOf(gpu.uuid)).toBeNull();
      }
    });

    test("a clock that is not supported never comes into force", async () => {
      const gpu = await gpuAt(0);
      const beyond = gpu.supportedSmClocksMhz.at(-1)! + 1;
      await subject.actuator.lockSmClock(gpu.uuid, beyond).catch(mustBeRefused);
      await subject.settle();
      const found = await lockOf(gpu.uuid);
      if (found !== null) expect(gpu.supportedSmClocksMhz).toContain(found);
    });

    test("a GPU that nobody knows is refused with a code", async () => {
      const ask = subject.actuator.lockSmClock("GPU-unknown", (await gpuAt(0)).supportedSmClocksMhz[0]!);
      mustBeRefused(
        await ask.then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
    });
  });
}

/** A cluster with two jobs that wait, each for 2 workers of 1 to 4, and free GPUs for both. */
export interface SchedulerSubject {
  readonly actuator: SchedulerActuator;
  /** May be paused and resized. */
  readonly flexible: string;
  /** May be neither: 2 workers, no more and no fewer. */
  readonly rigid: string;
  settle(): Promise<void>;
}

/** What every adapter of the scheduler port promises. */
export function describeSchedulerActuator(name: string, factory: () => Promise<SchedulerSubject>): void {
  describe(name, () => {
    let subject: SchedulerSubject;
    beforeEach(async () => {
      subject = await factory();
    });

    async function see(id: string): Promise<ObservedWorkload> {
      await subject.settle();
      const found = (await subject.actuator.observe()).find((workload) => workload.id === id);
      expect(found).toBeDefined();
      return found!;
    }

    async function run(id: string, workers: number): Promise<ObservedWorkload> {
      await subject.actuator.run(id, workers);
      return see(id);
    }

    async function pause(id: string): Promise<ObservedWorkload> {
      await subject.actuator.pause(id);
      return see(id);
    }

    test("a job that waits is shown with what its user said", async () => {
      const { phase, job } = await see(subject.rigid);
      expect(phase).toBe("waiting");
      expect(job).toMatchObject({ requestedWorkers: 2, pausable: false, resizable: false });
      expect((await see(subject.flexible)).job).toMatchObject({ pausable: true, resizable: true });
    });

    test("a job runs on the workers asked for, and asking twice is harmless", async () => {
      for (let i = 0; i < 2; i++) {
        const { phase, progress } = await run(subject.rigid, 2);
        expect({ phase, workers: progress?.workers }).toEqual({ phase: "running", workers: 2 });
      }
    });

    test("a job that may be resized becomes wider and narrower", async () => {
      for (const workers of [2, 4, 1]) {
        expect((await run(subject.flexible, workers)).progress?.workers).toBe(workers);
      }
    });

    test("a job that may be paused stops, stays so, and goes on", async () => {
      await run(subject.flexible, 2);
      for (let i = 0; i < 2; i++) expect((await pause(subject.flexible)).phase).toBe("paused");
      expect((await run(subject.flexible, 1)).phase).toBe("running");
    });

    test("a job that may not be paused or resized is neither", async () => {
      await run(subject.rigid, 2);
      mustBeRefused(await subject.actuator.pause(subject.rigid).catch((error: unknown) => error));
      mustBeRefused(await subject.actuator.run(subject.rigid, 1).catch((error: unknown) => error));
      const { phase, progress } = await see(subject.rigid);
      expect({ phase, workers: progress?.workers }).toEqual({ phase: "running", workers: 2 });
    });

    test("what can't be is refused with a code and changes nothing", async () => {
      mustBeRefused(await subject.actuator.run("nobody", 1).catch((error: unknown) => error));
      mustBeRefused(await subject.actuator.run(subject.flexible, 5).catch((error: unknown) => error));
      expect((await see(subject.flexible)).phase).toBe("waiting");
    });
  });
}

function mustBeRefused(error: unknown): void {
  expect(error).toBeInstanceOf(CarmError);
  expect(["ERR_ACTUATOR_FAILED", "ERR_GPU_LOST"]).toContain((error as CarmError).code);
}
