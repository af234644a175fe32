import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { GpuActuator, SchedulerActuator } from "../../agent/index.ts";
import { CarmError, type ErrorCode } from "../../records/index.ts";
import type { Logger } from "../runtime/logger.ts";
import type { AnswerLine, Call, Calls, Seat, SeatRequest, StepLine } from "./protocol.ts";

const RETRY_DELAY_MS = 500;
const ATTEMPTS_A_WARNING = 20;

/** A connection to a simulator: its machines behind the ports that agents use on real ones, and its turns. */
export class SimulatorClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #calls = 0;
  #step: number | null = null;
  #ended = false;
  #stepped: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on("line", (line) => this.#take(JSON.parse(line)));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#end());
  }

  /** Waits for a simulator that is still to come; null if the signal ends first. */
  static async connect(
    { host, port }: { readonly host: string; readonly port: number },
    log: Logger,
    signal: AbortSignal,
  ): Promise<SimulatorClient | null> {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const socket = connect({ host, port, noDelay: true });
      try {
        await once(socket, "connect", { signal });
        return new SimulatorClient(socket);
      } catch {
        socket.destroy();
        if (attempt % ATTEMPTS_A_WARNING === 0) {
          log.warn(`no simulator answers at ${host}:${port} yet; is carm source replay running there?`);
        }
        await sleep(RETRY_DELAY_MS, undefined, { signal }).catch(() => {});
      }
    }
    return null;
  }

  /** Takes over nodes or schedulers. Throws ERR_OPTION_INVALID if there are none such, or others have them. */
  async join(request: SeatRequest): Promise<readonly Seat[]> {
    const { seats, step } = await this.#call("join", request);
    this.#step ??= step;
    return seats;
  }

  gpus(cluster: string, node: string): GpuActuator {
    return {
      observe: () => this.#call("observeNode", { cluster, node }),
      lockSmClock: async (uuid, smClockMhz) => {
        await this.#call("lockSmClock", { cluster, node, uuid, smClockMhz });
      },
      resetSmClock: async (uuid) => {
        await this.#call("lockSmClock", { cluster, node, uuid, smClockMhz: null });
      },
    };
  }

  scheduler(cluster: string): SchedulerActuator {
    return {
      observe: () => this.#call("observeJobs", { cluster }),
      run: async (job, workers) => {
        await this.#call("runJob", { cluster, job, workers });
      },
      pause: async (job) => {
        await this.#call("pauseJob", { cluster, job });
      },
    };
  }

  /** The next step after this one, epoch milliseconds; null once the simulator is gone or the signal ends. */
  async stepAfter(step: number, signal: AbortSignal): Promise<number | null> {
    while (!this.#ended && !signal.aborted && (this.#step === null || this.#step <= step)) {
      await new Promise<void>((resolve) => {
        const end = () => {
          signal.removeEventListener("abort", end);
          resolve();
        };
        this.#stepped = end;
        signal.addEventListener("abort", end);
      });
    }
    return this.#ended || signal.aborted ? null : this.#step;
  }

  async done(step: number): Promise<void> {
    await this.#call("done", { step });
  }

  close(): void {
    this.#socket.end();
  }

  #call<C extends Call>(call: C, params: Calls[C][0]): Promise<Calls[C][1]> {
    if (this.#ended) return Promise.reject(gone());
    const id = this.#calls++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ id, call, params })}\n`);
    });
  }

  #take(line: AnswerLine | StepLine): void {
    if ("step" in line) {
      this.#step = line.step;
      this.#stepped();
      return;
    }
    const { resolve, reject } = this.#waiting.get(line.id)!;
    this.#waiting.delete(line.id);
    if ("error" in line) reject(new CarmError(line.error.code as ErrorCode, line.error.message));
    else resolve(line.result as never);
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(gone());
    this.#waiting.clear();
    this.#stepped();
  }
}

function gone(): CarmError {
  return new CarmError("ERR_ACTUATOR_FAILED", "The simulator is gone.");
}
