import { access } from "node:fs/promises";

/** A way to stop an agent that needs no broker. */
export interface StopSwitch {
  /** While true the agent releases what it set and does nothing. */
  engaged(): Promise<boolean>;
}

/** Engaged while the file exists. If it can't be told, it is engaged: stopping is the safe side. */
export function createStopFile(path: string): StopSwitch {
  return {
    engaged: async () => {
      try {
        await access(path);
        return true;
      } catch (cause) {
        return !(cause instanceof Error && "code" in cause && cause.code === "ENOENT");
      }
    },
  };
}
