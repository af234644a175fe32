import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { CarmError } from "../../records/index.ts";
import type { TaskResult } from "./task.ts";

/** Results of tasks in a file, a JSON line each, so that an interrupted evaluation goes on where it was. */
export class Checkpoint {
  readonly #file: string;
  readonly #results = new Map<string, TaskResult>();

  /** Reads what is there; a last line that was cut off is dropped. Throws ERR_OPTION_INVALID if it is no checkpoint. */
  constructor(file: string) {
    this.#file = file;
    if (!existsSync(file)) return;
    const text = readFileSync(file, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    for (const [i, line] of whole.split("\n").entries()) {
      if (line === "") continue;
      try {
        const { key, result } = JSON.parse(line) as { key: string; result: TaskResult };
        this.#results.set(key, result);
      } catch (cause) {
        throw new CarmError("ERR_OPTION_INVALID", `${file}, line ${i + 1} is no line of a checkpoint.`, {
          cause,
        });
      }
    }
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  }

  get(key: string): TaskResult | undefined {
    return this.#results.get(key);
  }

  /** On disk before it returns. */
  put(key: string, result: TaskResult): void {
    this.#results.set(key, result);
    this.#append(`${JSON.stringify({ key, result })}\n`);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }

  #append(text: string): void {
    try {
      appendFileSync(this.#file, text);
    } catch (cause) {
      throw new CarmError("ERR_OPTION_INVALID", `The checkpoint ${this.#file} can't be written.`, { cause });
    }
  }
}
