import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const carm = fileURLToPath(new URL("../../bin/carm.js", import.meta.url));

/** How many lines of a process's log are shown when it fails. */
const LAST_LINES = 5;

/** A `carm` command in a process of its own; its log goes to a file. */
export class CarmProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number>;
  readonly #lastLines: string[] = [];

  constructor(
    name: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    folder: string,
    onLine: (line: Readonly<Record<string, unknown>>) => void = () => {},
  ) {
    this.name = name;
    this.#child = spawn(process.execPath, [carm, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    const log = createWriteStream(join(folder, `${name}.log`));
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: stream }).on("line", (line) => {
        log.write(`${line}\n`);
        this.#lastLines.push(line);
        if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
        if (line.startsWith("{")) onLine(JSON.parse(line));
      });
    }
    this.#exited = once(this.#child, "close").then(([code]) => {
      log.end();
      return (code as number | null) ?? 1;
    });
  }

  /** Resolves when it has ended well. Throws if it ended otherwise, with the last lines of its log. */
  async done(): Promise<void> {
    const code = await this.#exited;
    if (code !== 0) throw new Error(`${this.name} ended with ${code}:\n${this.#lastLines.join("\n")}`);
  }

  /** Asks it to leave and waits until it has. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#exited;
  }
}
