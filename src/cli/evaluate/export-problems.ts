import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { CarmError } from "../../records/index.ts";
import { problemOf, type TraceSet } from "../../simulate/index.ts";
import { day, type EvaluationCase } from "./cases.ts";
import { type ProfileTemplate, scenarioOf } from "./run-task.ts";

/** Writes the oracle's problem of each case: to `file` itself if there is one case, else to a file named after each. */
export async function exportProblems(
  file: string,
  cases: readonly EvaluationCase[],
  traces: TraceSet,
  profiles: readonly ProfileTemplate[],
): Promise<void> {
  for (const one of cases) {
    const path = cases.length === 1 ? file : numbered(file, one);
    const text = JSON.stringify(problemOf(await scenarioOf(one, traces, profiles)));
    try {
      await writeFile(path, path.endsWith(".gz") ? gzipSync(text) : text);
    } catch (cause) {
      throw new CarmError("ERR_OPTION_INVALID", `The problem can't be written to ${path}: ${String(cause)}`, {
        cause,
      });
    }
    process.stderr.write(`Problem: ${path}\n`);
  }
}

/** The name with zone, start, load, slack and seed before its ending. */
function numbered(file: string, { options }: EvaluationCase): string {
  const { zone, startsAt, load, slack, seed } = options;
  const name = `${zone}-${day(startsAt)}-${load}-slack${slack}-seed${seed}`;
  const match = /^(.*?)((\.json)?(\.gz)?)$/s.exec(file)!;
  return `${match[1]}-${name}${match[2]}`;
}
