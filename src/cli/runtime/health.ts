import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CarmError } from "../../records/index.ts";

/** A page beside /healthz and /readyz, for example /metrics. */
export interface Page {
  readonly contentType: string;
  readonly body: string;
}

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  /** What is still missing before the process does its work; empty once it does. */
  readonly notReady: () => readonly string[];
  /** Further pages by path. */
  readonly pages?: Readonly<Record<string, () => Promise<Page>>>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * /healthz answers 200 as long as the process can answer at all, /readyz once nothing is missing and 503 before, with
 * the list of what is. Throws ERR_CONFIG_INVALID if the port can't be had.
 */
export async function serveHealth(options: HealthOptions): Promise<HealthServer> {
  const { host, port, notReady, pages = {} } = options;
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    try {
      if (path === "/healthz") answer(response, 200, { status: "ok" });
      else if (path === "/readyz") {
        const missing = notReady();
        const status = missing.length === 0 ? "ready" : "not ready";
        answer(response, missing.length === 0 ? 200 : 503, { status, missing });
      } else if (page !== undefined) {
        const { contentType, body } = await page();
        response.writeHead(200, { "content-type": contentType }).end(body);
      } else answer(response, 404, { paths: ["/healthz", "/readyz", ...Object.keys(pages)] });
    } catch (error) {
      answer(response, 500, { error: String(error) });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `health.port: nothing can listen on ${host}:${port} (${cause.message}); take another port`;
      reject(new CarmError("ERR_CONFIG_INVALID", message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}
