import { describe, expect, it } from "vitest";
import { serveHealth } from "../../src/cli/runtime/health.ts";

describe("health", () => {
  it("is healthy at once, and ready when nothing is missing any more", async () => {
    const missing = ["has not joined its group"];
    const server = await serveHealth({ host: "127.0.0.1", port: 0, notReady: () => missing });
    const ask = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
    expect((await ask("/healthz")).status).toBe(200);
    const before = await ask("/readyz");
    expect(before.status).toBe(503);
    expect(await before.json()).toEqual({ status: "not ready", missing });
    missing.pop();
    expect((await ask("/readyz")).status).toBe(200);
    await server.close();
  });

  it("serves further pages, and a page that fails is not the end of it", async () => {
    const pages = {
      "/metrics": async () => ({ contentType: "text/plain", body: "carm_up 1\n" }),
      "/broken": async () => {
        throw new Error("no");
      },
    };
    const server = await serveHealth({ host: "127.0.0.1", port: 0, notReady: () => [], pages });
    const ask = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
    expect(await (await ask("/metrics")).text()).toBe("carm_up 1\n");
    expect((await ask("/broken")).status).toBe(500);
    expect((await ask("/toString")).status).toBe(404);
    await server.close();
  });

  it("says which setting to change when the port is taken", async () => {
    const server = await serveHealth({ host: "127.0.0.1", port: 0, notReady: () => [] });
    const again = serveHealth({ host: "127.0.0.1", port: server.port, notReady: () => [] });
    await expect(again).rejects.toThrow(/health\.port.*take another port/);
    await server.close();
  });
});
