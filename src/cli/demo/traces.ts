import type { TraceSet } from "../../simulate/index.ts";
import { recordedTraces, typicalTraces } from "../../sources/index.ts";

/** Recordings where CARM_TRACES names a folder of them, typical days where not. */
export async function loadTraces(folder: string | undefined, seed: number): Promise<TraceSet> {
  return folder === undefined || folder === "" ? typicalTraces(seed) : recordedTraces(folder);
}
