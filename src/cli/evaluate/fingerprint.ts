import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CarmError } from "../../records/index.ts";
import type { InputFiles } from "./options.ts";

/**
 * A name for what results depend on besides the options: the code and the contents of the input files. Traces of a folder
 * count by name, size and date.
 */
export async function fingerprintOf(files: InputFiles): Promise<string> {
  const hash = createHash("sha256");
  const code = fileURLToPath(new URL("../../", import.meta.url));
  const rooms = ["agent", "forecast", "ledger", "planners", "processor", "profiles", "simulate", "sources"];
  for (const room of rooms) {
    for (const file of await filesIn(join(code, room))) await addContent(hash, join(code, room, file));
  }
  for (const file of [files.carbon, files.requests, files.jobs, files.profiles]) {
    if (file !== undefined) await addContent(hash, file);
  }
  for (const file of files.traces === undefined ? [] : await filesIn(files.traces)) {
    const { size, mtimeMs } = await stat(join(files.traces!, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 24);
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length)).sort();
  } catch (cause) {
    throw new CarmError("ERR_TRACE_MISSING", `Can't read the folder ${folder}.`, { cause });
  }
}

async function addContent(hash: ReturnType<typeof createHash>, file: string): Promise<void> {
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new CarmError("ERR_TRACE_MISSING", `Can't open the file ${file}.`, { cause });
  }
}
