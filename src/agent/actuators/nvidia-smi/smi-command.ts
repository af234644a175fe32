import { execFile } from "node:child_process";
import { CarmError } from "../../../records/index.ts";
import { NvidiaError } from "../nvidia/return-codes.ts";

/** Runs nvidia-smi and returns what it prints. */
export type Smi = (...args: readonly string[]) => Promise<string>;

const UNKNOWN = 999;
/** nvidia-smi says 255 for anything that has no code of its own. */
const OTHER = 255;

/** What it prints, where its exit status does not tell: it ends with 0 after some refusals, calling them warnings. */
const words: readonly (readonly [pattern: RegExp, code: number])[] = [
  [/GPU is lost|fallen off the bus/i, 15],
  [/reset is required|requires reset/i, 16],
  [/insufficient permissions|no permission|permission denied/i, 4],
  [/not supported (?:for|on|in)|is not supported/i, 3],
  [/couldn't communicate with the NVIDIA driver/i, 9],
  [/no devices were found/i, 6],
];

/** Throws NvidiaError, ERR_ACTUATOR_UNSUPPORTED without such a program, ERR_ACTUATOR_FAILED if it takes too long. */
export function smiCommand(program: string, timeoutMs: number): Smi {
  return (...args) =>
    new Promise((resolve, reject) => {
      execFile(program, [...args], { timeout: timeoutMs, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
        const asked = `nvidia-smi ${args.join(" ")}`;
        if (error === null) {
          const code = isQuery(args) ? undefined : codeIn(stdout + stderr);
          return code === undefined ? resolve(stdout) : reject(new NvidiaError(asked, code));
        }
        if (error.code === "ENOENT" || error.code === "EACCES") {
          const message = `${program} can't be run; is the NVIDIA driver installed?`;
          return reject(new CarmError("ERR_ACTUATOR_UNSUPPORTED", message, { cause: error }));
        }
        if (error.killed) {
          const message = `${asked} did not end within ${timeoutMs} ms; see dmesg for what the driver waits for.`;
          return reject(new CarmError("ERR_ACTUATOR_FAILED", message, { cause: error }));
        }
        const status = typeof error.code === "number" && error.code !== OTHER ? error.code : UNKNOWN;
        const code = codeIn(stdout + stderr) ?? (/not a valid field/i.test(stdout + stderr) ? 13 : status);
        return reject(new NvidiaError(asked, code));
      });
    });
}

/** Fields that a board can't answer are told in the field. */
function isQuery(args: readonly string[]): boolean {
  return args.some((arg) => arg.startsWith("--query"));
}

function codeIn(output: string): number | undefined {
  return words.find(([pattern]) => pattern.test(output))?.[1];
}

/** The rows of `--format=csv,noheader,nounits`, cells trimmed. */
export function csvRows(output: string): readonly (readonly string[])[] {
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.split(",").map((cell) => cell.trim()));
}
