import { access, constants, open, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CarmError } from "../../records/index.ts";

/** Throws ERR_OPTION_INVALID if no report can be written there: known before a long run, not after it. */
export async function checkReportFile(file: string): Promise<void> {
  try {
    await (await open(file, "r+")).close();
  } catch (cause) {
    if (!isAbsent(cause)) throw unwritable(file, cause);
    await access(dirname(resolve(file)), constants.W_OK).catch((error: unknown) => {
      throw unwritable(file, error);
    });
  }
}

/** Throws ERR_OPTION_INVALID. */
export async function writeReportFile(file: string, html: string): Promise<void> {
  try {
    await writeFile(file, html);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function isAbsent(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}

function unwritable(file: string, cause: unknown): CarmError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `--report ${file}: it can't be written (${why}). Name a file in a folder that exists and may be written to.`;
  return new CarmError("ERR_OPTION_INVALID", message, { cause });
}
