import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";

/** A lock that was asked for. The driver can't be asked which lock is in force, so it is remembered. */
export interface RecordedLock {
  readonly askedMhz: number;
  /** What the board made of it, as read back; `askedMhz` until then. */
  readonly actualMhz: number;
}

const shape = z.object({
  boot: z.string(),
  locks: z.array(z.tuple([z.string(), z.object({ askedMhz: z.int(), actualMhz: z.int() })])),
});

/**
 * The locks that this node's actuator asked for, by GPU. Written before the driver is asked, so that a process that
 * was killed in between leaves a lock on record too many, never one too few. A reboot ends locks and record alike.
 */
export interface LockRecord {
  get(uuid: string): RecordedLock | null;
  /** Resolves once a killed process can't lose it. null forgets. */
  set(uuid: string, lock: RecordedLock | null): Promise<void>;
}

/** Keeps the record in one file. One that can't be read counts as empty: a lock left behind is then somebody else's. */
export async function openLockRecord(path: string): Promise<LockRecord> {
  const boot = await bootId();
  const locks = new Map((await load(path, boot)) ?? []);
  return {
    get: (uuid) => locks.get(uuid) ?? null,
    set: async (uuid, lock) => {
      if (lock === null) locks.delete(uuid);
      else locks.set(uuid, lock);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, JSON.stringify({ boot, locks: [...locks] }));
      await rename(`${path}.new`, path);
    },
  };
}

async function load(path: string, boot: string) {
  try {
    const found = shape.parse(JSON.parse(await readFile(path, "utf8")));
    return found.boot === boot ? found.locks : null;
  } catch {
    return null;
  }
}

async function bootId(): Promise<string> {
  try {
    return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  } catch {
    return "";
  }
}
