import { setTimeout as sleep } from "node:timers/promises";

/** Waits until something holds of a real system. Throws, with the last error, if it does not in time. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const endsAt = Date.now() + timeoutMs;
  let cause: unknown;
  while (Date.now() < endsAt) {
    try {
      if (await holds()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(100);
  }
  throw new Error(`Waited ${timeoutMs} ms in vain until ${what}.`, { cause });
}
