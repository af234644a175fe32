import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";

/** Numbers of a stand-in board that a test may set and read; see stand-in.c. */
export type BoardField =
  | "lost"
  | "busy"
  | "cap"
  | "reasons"
  | "clamp_low"
  | "clamp_high"
  | "slow_ms"
  | "mig"
  | "no_energy"
  | "temperature"
  | "lock"
  | "applications"
  | "memory_lock"
  | "limit_mw"
  | "energy_mj"
  | "locks"
  | "resets";

/** Four boards that can misbehave, and the strings to pull. */
export interface StandIn {
  /** The library, or the program: a copy of its own, so that tests don't share boards. */
  readonly path: string;
  set(board: number, field: BoardField, value: number): void;
  get(board: number, field: BoardField): number;
  /** The call answers `code` so many times, for ever below zero; on every board if `board` is below zero. */
  fail(call: string, board: number, code: number, times?: number): void;
  addProcess(board: number, pid: number, gpuInstance?: number): void;
  reloadDriver(): void;
}

const folder = new URL(".", import.meta.url).pathname;
const built = new Map<string, string>();
let copies = 0;

/** A stand-in for libnvidia-ml.so.1. Compiled with cc, once a process, into a temporary folder. */
export function createNvmlStandIn(): StandIn {
  const path = copyOf("libnvidia-ml.so.1", ["-shared", "stand-in.c"]);
  return controls(path, path);
}

/** A stand-in for libnvidia-ml.so.1 with its boards in a file: they are the same for every process that is told of it. */
export function standInOn(stateFile: string): StandIn {
  const path = copyOf("libnvidia-ml.so.1", ["-shared", "stand-in.c"]);
  return controls(path, path, stateFile);
}

/** A stand-in for the program nvidia-smi. */
export function createSmiStandIn(): StandIn {
  const program = copyOf("nvidia-smi", ["nvidia-smi.c"]);
  return controls(program, copyOf("libnvidia-ml.so.1", ["-shared", "stand-in.c"]), `${program}.state`);
}

function copyOf(name: string, what: readonly string[]): string {
  let original = built.get(name);
  if (original === undefined) {
    original = join(mkdtempSync(join(tmpdir(), "carm-stand-in-")), name);
    const flags = ["-O1", "-fPIC", "-fvisibility=hidden", "-Wall", "-Werror", "-o", original];
    execFileSync("cc", [...flags, ...what], { cwd: folder });
    built.set(name, original);
  }
  copies += 1;
  const path = `${original}.${copies}`;
  copyFileSync(original, path);
  return path;
}

/** The strings of the boards in a library, or in a file of boards. */
function controls(path: string, libraryPath: string, stateFile: string | null = null): StandIn {
  const library = koffi.load(libraryPath);
  if (stateFile !== null) library.func("void stand_in_open(const char *)")(stateFile);
  const set = library.func("void stand_in_set(int, const char *, int64_t)");
  const get = library.func("int64_t stand_in_get(int, const char *)");
  const fail = library.func("void stand_in_fail(const char *, int, int, int)");
  const process = library.func("void stand_in_process(int, uint32_t, uint32_t)");
  const reload = library.func("void stand_in_reload()");
  return {
    path,
    set: (board, field, value) => set(board, field, value),
    get: (board, field) => Number(get(board, field)),
    fail: (call, board, code, times = -1) => fail(call, board, code, times),
    addProcess: (board, pid, gpuInstance = 0xffffffff) => process(board, pid, gpuInstance),
    reloadDriver: () => reload(),
  };
}
