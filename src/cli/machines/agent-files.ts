import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Files of one agent: what it remembers, and what people put beside it to be obeyed without a broker. */
export interface AgentFiles {
  readonly memory: string;
  /** While it is there the agent releases what it set and does nothing. */
  readonly stop: string;
  /** Makes the agent take back what it left to somebody else; removed when that is done. */
  readonly reclaim: string;
}

export function agentFiles(stateFolder: string, cluster: string, name: string): AgentFiles {
  const path = join(stateFolder, "agents", `${encodeURIComponent(cluster)}-${encodeURIComponent(name)}`);
  return { memory: `${path}.json`, stop: `${path}.stop`, reclaim: `${path}.reclaim` };
}

export async function putFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "");
}

/** True if the file was there; it is gone then. */
export async function takeFile(path: string): Promise<boolean> {
  try {
    await rm(path);
    return true;
  } catch {
    return false;
  }
}
