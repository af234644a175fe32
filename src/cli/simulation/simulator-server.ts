import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { CarmError } from "../../records/index.ts";
import type { SimulatedCluster } from "../../simulate/index.ts";
import type { AnswerLine, Call, CallLine, Calls, Seat, SeatRequest } from "./protocol.ts";

export interface SimulatorServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The simulated clusters by name. */
  readonly clusters: ReadonlyMap<string, SimulatedCluster>;
}

interface Member {
  readonly socket: Socket;
  readonly seats: readonly Seat[];
  doneStep: number;
}

/**
 * Lets agents in other processes act on simulated clusters, and takes turns with them: a step is announced, and over
 * once every node and every scheduler has an agent that has acted on it.
 */
export class SimulatorServer {
  readonly #server: Server;
  readonly #clusters: ReadonlyMap<string, SimulatedCluster>;
  readonly #seats: readonly Seat[];
  readonly #members = new Map<Socket, Member>();
  #step: number | null = null;
  #changed: () => void = () => {};

  private constructor(server: Server, clusters: ReadonlyMap<string, SimulatedCluster>) {
    this.#server = server;
    this.#clusters = clusters;
    this.#seats = [...clusters].flatMap(([cluster, simulated]) => [
      { cluster, node: null, pool: "" },
      ...simulated.nodes.map((node) => ({ cluster, node, pool: simulated.poolOf(node) })),
    ]);
    server.on("connection", (socket) => this.#connected(socket));
  }

  /** Throws ERR_OPTION_INVALID if nothing can listen there. */
  static async listen({ host, port, clusters }: SimulatorServerOptions): Promise<SimulatorServer> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) => {
        const message = `nothing can listen on ${host}:${port} (${cause.message}); choose another --listen`;
        reject(new CarmError("ERR_OPTION_INVALID", message, { cause }));
      });
      server.listen(port, host, resolve);
    });
    return new SimulatorServer(server, clusters);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Seats without an agent that has acted on the latest step; before the first step, seats without an agent. */
  get waitingFor(): readonly Seat[] {
    const step = this.#step ?? Number.NEGATIVE_INFINITY;
    const through = new Set(
      [...this.#members.values()].filter(({ doneStep }) => doneStep >= step).flatMap(({ seats }) => seats),
    );
    return this.#seats.filter((seat) => !through.has(seat));
  }

  /** The agents' turn at this time. */
  announce(step: number): void {
    this.#step = step;
    for (const { socket } of this.#members.values()) socket.write(`${JSON.stringify({ step })}\n`);
  }

  /** Resolves once nothing is waited for, or after `maxWaitMs`, or when the signal ends. */
  async settled(maxWaitMs: number, signal: AbortSignal): Promise<void> {
    if (this.waitingFor.length === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(end, maxWaitMs);
      const check = () => {
        if (this.waitingFor.length === 0) end();
      };
      function end() {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      }
      signal.addEventListener("abort", end);
      this.#changed = check;
    });
    this.#changed = () => {};
  }

  async close(): Promise<void> {
    for (const socket of this.#members.keys()) socket.end();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #connected(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#members.delete(socket);
      this.#changed();
    });
    createInterface({ input: socket }).on("line", async (line) => {
      const { id, call, params } = JSON.parse(line) as CallLine;
      let answer: AnswerLine;
      try {
        answer = { id, result: await this.#handle(socket, call, params as never) };
      } catch (error) {
        const code = error instanceof CarmError ? error.code : "ERR_INTERNAL";
        answer = { id, error: { code, message: error instanceof Error ? error.message : String(error) } };
      }
      socket.write(`${JSON.stringify(answer)}\n`);
    });
  }

  async #handle<C extends Call>(socket: Socket, call: C, params: Calls[C][0]): Promise<Calls[Call][1]> {
    const handlers: { [K in Call]: (params: Calls[K][0]) => Promise<Calls[K][1]> } = {
      join: async (request) => this.#join(socket, request),
      observeNode: ({ cluster, node }) => this.#cluster(cluster).node(node).observe(),
      lockSmClock: async ({ cluster, node, uuid, smClockMhz }) => {
        const actuator = this.#cluster(cluster).node(node);
        if (smClockMhz === null) await actuator.resetSmClock(uuid);
        else await actuator.lockSmClock(uuid, smClockMhz);
        return null;
      },
      observeJobs: ({ cluster }) => this.#cluster(cluster).scheduler.observe(),
      runJob: async ({ cluster, job, workers }) => {
        await this.#cluster(cluster).scheduler.run(job, workers);
        return null;
      },
      pauseJob: async ({ cluster, job }) => {
        await this.#cluster(cluster).scheduler.pause(job);
        return null;
      },
      done: async ({ step }) => {
        const member = this.#members.get(socket);
        if (member !== undefined) member.doneStep = step;
        this.#changed();
        return null;
      },
    };
    return await handlers[call](params);
  }

  #join(socket: Socket, { role, cluster, node }: SeatRequest): Calls["join"][1] {
    const wanted = this.#seats.filter(
      (seat) =>
        (seat.node === null) === (role === "scheduler") &&
        (cluster === undefined || seat.cluster === cluster) &&
        (node === undefined || seat.node === node),
    );
    if (wanted.length === 0) {
      const names = [...this.#clusters.keys()].join(", ");
      const message = `the simulator has no such ${role}; its clusters are ${names}`;
      throw new CarmError("ERR_OPTION_INVALID", message);
    }
    const taken = new Set([...this.#members.values()].flatMap(({ seats }) => seats));
    const clash = wanted.find((seat) => taken.has(seat));
    if (clash !== undefined) {
      const message = `${clash.cluster}/${clash.node ?? "scheduler"} already has an agent; stop that one first`;
      throw new CarmError("ERR_OPTION_INVALID", message);
    }
    this.#members.set(socket, { socket, seats: wanted, doneStep: Number.NEGATIVE_INFINITY });
    this.#changed();
    return { seats: wanted, step: this.#step };
  }

  #cluster(name: string): SimulatedCluster {
    const cluster = this.#clusters.get(name);
    if (cluster === undefined) throw new CarmError("ERR_ACTUATOR_FAILED", `There is no cluster ${name}.`);
    return cluster;
  }
}
