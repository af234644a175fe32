import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { profileLibrary } from "../../profiles/index.ts";
import {
  CarmError,
  createCodec,
  embeddedRegistry,
  type Profile,
  validateRecord,
} from "../../records/index.ts";

type ProfileTemplate = Omit<Profile, "cluster" | "observedAt">;

/**
 * Profiles from a JSON array of `carm.profiles` records (`cluster` and `observedAt` may be left out), plain or .gz; those
 * that ship with CA-RM if no file is given. Throws ERR_TRACE_MISSING, or ERR_TRACE_MALFORMED with file and line.
 */
export async function profilesFrom(path: string | undefined): Promise<readonly ProfileTemplate[]> {
  if (path === undefined) return profileLibrary;
  const file = basename(path);
  const codec = await createCodec(embeddedRegistry());
  const profiles = parsed(file, await textOf(path));
  for (const [i, profile] of profiles.entries()) {
    const record = { ...profile, cluster: "sim", observedAt: 0 } as Profile;
    try {
      codec.encode("carm.profiles", record);
      validateRecord("carm.profiles", record);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CarmError("ERR_TRACE_MALFORMED", `${file}, profile ${i + 1}: ${reason}`, { cause });
    }
  }
  return profiles;
}

async function textOf(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (cause) {
    throw new CarmError("ERR_TRACE_MISSING", `Can't read the profiles in ${path}.`, { cause });
  }
}

function parsed(file: string, text: string): ProfileTemplate[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const position = Number(/position (\d+)/.exec(reason)?.[1] ?? 0);
    const line = text.slice(0, position).split("\n").length;
    throw new CarmError("ERR_TRACE_MALFORMED", `${file}, line ${line}: ${reason}`, { cause });
  }
  if (Array.isArray(value) && value.length > 0) return value as ProfileTemplate[];
  throw new CarmError("ERR_TRACE_MALFORMED", `${file}, line 1: profiles are a JSON array with at least one.`);
}
