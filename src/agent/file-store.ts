import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { CarmError } from "../records/index.ts";
import type { AgentStore, NodeMemory, SchedulerMemory } from "./agent-store.ts";

const FORMAT_VERSION = 1;

const count = z.int().min(0);
const epochs = z.array(z.tuple([z.string(), z.object({ incarnation: count, sequence: count })]));

const nodeShape = z.object({
  version: z.literal(FORMAT_VERSION),
  epochs,
  locks: z.array(z.tuple([z.string(), z.array(count)])),
});

const subjectShape = z.object({
  phase: z.enum(["waiting", "running", "paused", "finished", "failed", "cancelled", "serving"]),
  workers: count,
  sequence: count,
});

/** Events are kept as they were made: only what tells one from another is checked. */
const eventShape = z.custom<SchedulerMemory["unsent"][number]>(
  (value) =>
    z.looseObject({ subject: z.string(), sequence: count, type: z.string() }).safeParse(value).success,
);

const schedulerShape = z.object({
  version: z.literal(FORMAT_VERSION),
  epochs,
  subjects: z.array(z.tuple([z.string(), subjectShape])),
  widths: z.array(z.tuple([z.string(), z.array(count)])),
  unsent: z.array(eventShape),
});

/** Keeps a node agent's memory in one file. */
export function createNodeFileStore(path: string): AgentStore<NodeMemory> {
  return {
    load: async () => {
      const found = await read(path, nodeShape);
      return found && { epochs: new Map(found.epochs), locks: new Map(found.locks) };
    },
    save: ({ epochs, locks }) => write(path, { epochs: [...epochs], locks: [...locks] }),
  };
}

/** Keeps a scheduler agent's memory in one file. */
export function createSchedulerFileStore(path: string): AgentStore<SchedulerMemory> {
  return {
    load: async () => {
      const found = await read(path, schedulerShape);
      if (found === null) return null;
      const { epochs, subjects, widths, unsent } = found;
      return { epochs: new Map(epochs), subjects: new Map(subjects), widths: new Map(widths), unsent };
    },
    save: ({ epochs, subjects, widths, unsent }) =>
      write(path, { epochs: [...epochs], subjects: [...subjects], widths: [...widths], unsent }),
  };
}

async function read<T>(path: string, shape: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw corrupt(path, cause);
  }
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    throw corrupt(path, cause);
  }
}

/** Writes beside the file, then renames: a crash leaves the old content or the new, never a part. */
async function write(path: string, content: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.new`;
  const file = await open(draft, "w");
  try {
    await file.writeFile(JSON.stringify({ version: FORMAT_VERSION, ...content }));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function corrupt(path: string, cause: unknown): CarmError {
  const message = `${path} can't be read as an agent's memory. Locks set before can't be told from somebody else's; reset the clocks, then remove the file.`;
  return new CarmError("ERR_STATE_CORRUPT", message, { cause });
}
