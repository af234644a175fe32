import { NvidiaError } from "../nvidia/return-codes.ts";
import type { NvmlCall, NvmlHandle, NvmlLibrary } from "./nvml-library.ts";

/** Calls that answer with plain values, as values. */

const NAME_BYTES = 96;
const TRIES = 3;

/** Runs a call again at once, a few times, if the driver only had no time for it. */
export async function tried<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NvidiaError) || error.remedy !== "retry" || tries === TRIES) throw error;
    }
  }
}

/** null where the board or the driver does not have it. */
export async function ifSupported<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await tried(work);
  } catch (error) {
    if (error instanceof NvidiaError && error.remedy === "fall-back") return null;
    throw error;
  }
}

export async function readUint(
  nvml: NvmlLibrary,
  call: NvmlCall,
  ...args: readonly NvmlHandle[]
): Promise<number> {
  const value = Buffer.alloc(4);
  await nvml.call(call, ...args, value);
  return value.readUInt32LE();
}

export async function readUlong(nvml: NvmlLibrary, call: NvmlCall, handle: NvmlHandle): Promise<bigint> {
  const value = Buffer.alloc(8);
  await nvml.call(call, handle, value);
  return value.readBigUInt64LE();
}

export async function readHandle(
  nvml: NvmlLibrary,
  call: NvmlCall,
  ...args: readonly NvmlHandle[]
): Promise<bigint> {
  const value = Buffer.alloc(8);
  await nvml.call(call, ...args, value);
  return value.readBigUInt64LE();
}

export async function readText(nvml: NvmlLibrary, call: NvmlCall, handle: NvmlHandle): Promise<string> {
  const text = Buffer.alloc(NAME_BYTES);
  await nvml.call(call, handle, text, NAME_BYTES);
  const end = text.indexOf(0);
  return text.toString("utf8", 0, end === -1 ? NAME_BYTES : end);
}

/** A list that is answered as a count and so many entries. */
export async function readList(
  nvml: NvmlLibrary,
  call: NvmlCall,
  args: readonly NvmlHandle[],
  entry: { readonly bytes: number; readonly max: number },
): Promise<readonly Buffer[]> {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(entry.max);
  const entries = Buffer.alloc(entry.bytes * entry.max);
  await nvml.call(call, ...args, count, entries);
  const found = Math.min(count.readUInt32LE(), entry.max);
  return Array.from({ length: found }, (_, i) => entries.subarray(i * entry.bytes, (i + 1) * entry.bytes));
}
