import { CarmError } from "../records/index.ts";
import type { StateKind } from "./processor.ts";

/**
 * A kind of entry that belongs to the runtime itself, stored as JSON with a version. Kept under the cluster "", which no
 * record has; the name can't clash with a processor's, which have no dollar sign.
 */
export function ownKind<T extends object>(name: `$${string}`, version: number): StateKind<T> {
  return {
    name,
    encode: (value) => Buffer.from(JSON.stringify({ version, ...value })),
    decode: (bytes) => {
      let stored: { version: number } & T;
      try {
        stored = JSON.parse(Buffer.from(bytes).toString());
      } catch (cause) {
        throw new CarmError("ERR_STATE_CORRUPT", `An entry of kind ${name} can't be read.`, { cause });
      }
      const { version: found, ...value } = stored;
      if (found === version) return value as unknown as T;
      const message = `An entry of kind ${name} has version ${found}, not ${version}; run a newer release.`;
      throw new CarmError("ERR_STATE_VERSION", message);
    },
  };
}
