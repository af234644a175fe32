import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const STOP_MS = 15_000;

/** A program that this process started, with its output in a file. It is stopped by its PID, at the latest on exit. */
export class Daemon {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly #ended: Promise<void>;
  readonly #killOnExit = () => this.kill();

  constructor(
    name: string,
    command: string,
    args: readonly string[],
    options: { logFile: string; env?: Readonly<Record<string, string>> },
  ) {
    this.name = name;
    this.#logFile = options.logFile;
    const log = openSync(options.logFile, "a");
    // Its own process group: Ctrl-C reaches us, and we stop it in order.
    this.#child = spawn(command, args, {
      stdio: ["ignore", log, log],
      detached: true,
      env: { ...process.env, ...options.env },
    });
    closeSync(log);
    process.once("exit", this.#killOnExit);
    this.#ended = new Promise((resolve) => {
      const ended = () => {
        process.off("exit", this.#killOnExit);
        resolve();
      };
      this.#child.once("exit", ended);
      this.#child.once("error", ended);
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  /** Waits for `check` to hold. Throws with the end of the log if the program ends or the time is over. */
  async ready(check: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await check().catch(() => false))) {
      const isLate = performance.now() > deadline;
      if (!this.isRunning || isLate) {
        const why = isLate ? `is not ready after ${timeoutMs / 1000} s` : "ended";
        throw new Error(`${this.name} ${why}:\n${(await this.log()).slice(-2000)}`);
      }
      await sleep(50);
    }
  }

  log(): Promise<string> {
    return readFile(this.#logFile, "utf8");
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning) process.kill(this.pid, signal);
  }

  /** SIGKILL, as a crash would. */
  kill(): void {
    this.signal("SIGKILL");
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  async stop(): Promise<void> {
    this.signal("SIGTERM");
    const patience = new AbortController();
    const late = sleep(STOP_MS, undefined, { signal: patience.signal }).then(
      () => this.kill(),
      () => {},
    );
    await Promise.race([this.#ended, late]);
    patience.abort();
    await this.#ended;
  }
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
