import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A provider on this machine: answers as told and remembers what it was asked. */
export class StandIn {
  readonly asked: URL[] = [];
  readonly headers: IncomingMessage["headers"][] = [];
  answer: (url: URL) => Answer;
  readonly #server: Server;

  private constructor(answer: (url: URL) => Answer) {
    this.answer = answer;
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://stand-in");
      this.asked.push(url);
      this.headers.push(request.headers);
      const { status = 200, headers = {}, body } = this.answer(url);
      response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  }

  static async start(answer: (url: URL) => Answer): Promise<StandIn> {
    const standIn = new StandIn(answer);
    await new Promise<void>((resolve) => standIn.#server.listen(0, "127.0.0.1", resolve));
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
