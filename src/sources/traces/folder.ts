import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { CarmError } from "../../records/index.ts";

/** A folder of a trace collection with what lies in it. */
export interface TraceFolder {
  readonly path: string;
  readonly files: readonly string[];
}

/** Throws ERR_TRACE_MISSING if the folder can't be read. */
export async function openFolder(path: string): Promise<TraceFolder> {
  try {
    return { path, files: (await readdir(path)).sort() };
  } catch (cause) {
    throw new CarmError(
      "ERR_TRACE_MISSING",
      `Can't read the trace folder ${path}. CARM_TRACES must name a folder with carbon/, jobs/ and requests/.`,
      { cause },
    );
  }
}

/** Path of `name`.csv or `name`.csv.gz. Throws ERR_TRACE_MISSING, naming what is there. */
export function findCsv(folder: TraceFolder, name: string): string {
  const file = folder.files.find((entry) => entry === `${name}.csv.gz` || entry === `${name}.csv`);
  if (file === undefined) {
    throw new CarmError(
      "ERR_TRACE_MISSING",
      `There is no ${name}.csv or ${name}.csv.gz in ${folder.path}; there is: ${folder.files.join(", ") || "nothing"}.`,
    );
  }
  return join(folder.path, file);
}
